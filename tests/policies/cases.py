"""Every way to break a rule on one resource: what is changed in the happy one, and what the rule then says."""

from __future__ import annotations

from typing import Any

from tests.policies.happy import COMMIT, GONE, SERVICE, TAGS

TARGET = "aws:appautoscaling/target:Target"
ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ECS = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "pulumi-python:dynamic/sagemaker:Endpoint"
RUNPOD = "pulumi-python:dynamic/runpod:Endpoint"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
FIREWALL = "aws:ec2/securityGroup:SecurityGroup"
ROUTE = "aws:apigatewayv2/route:Route"
METHOD = "aws:apigateway/method:Method"
FILES = "aws:efs/fileSystem:FileSystem"
TOPIC = "aws:sns/topic:Topic"
FUNCTION = "aws:lambda/function:Function"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"
BUDGET = "aws:budgets/budget:Budget"
SCHEDULE = "aws:scheduler/schedule:Schedule"
_TOKEN = "hf_" + "x" * 12
_ON_RUNPOD = {"target": "runpod", "plan.runpod": {"workersMin": 0, "workersMax": 3, "scaler": "QUEUE_DELAY"}}
_FAMILIES = "is not of the families that are allowed here: g6, g6e, ADA_48_PRO"
_CLOCKS = "is in UTC and moves by an hour when clocks change"
_EXEMPTION = {"rule": "prod-ha", "reason": "the quota is on its way", "expires": "2026-12-31"}

Case = tuple[str, str, dict[str, Any], str]
CASES: list[Case] = [
    (
        "cost-ceiling-service",
        SERVICE,
        {"costEstimate.expected": 1500.5},
        "1,500.50 USD per month at the expected load is above the ceiling of 1,500.00",
    ),
    (
        "cost-ceiling-service",
        SERVICE,
        {"costEstimate.unknowns": ["the spec declares no load"], "costEstimate.expected": GONE},
        "the cost per month at the expected load is unknown, so no ceiling holds (the spec declares no load)",
    ),
    (
        "cost-ceiling-service",
        SERVICE,
        {"costEstimate": GONE},
        "the cost per month at the expected load is unknown, so no ceiling holds (the service has no estimate)",
    ),
    (
        "cost-ceiling-worst-case",
        SERVICE,
        {"costEstimate.max": 9000},
        "9,000.00 USD per month with all replicas, all month is above the ceiling of 2,500.00",
    ),
    (
        "cost-per-mtok",
        SERVICE,
        {"costEstimate.usdPerMillionTokens": 12.345},
        "12.35 USD per million tokens at the expected load is above 10.00",
    ),
    ("cost-per-mtok", SERVICE, {"costEstimate.usdPerMillionTokens": None}, "the cost per million tokens is unknown"),
    ("cost-unknown", SERVICE, {"costEstimate.unknowns": ["price of p6"]}, "the estimate does not know price of p6"),
    (
        "cost-unknown",
        SERVICE,
        {"costEstimate.priceTableDate": "2026-01-01"},
        "the prices are of 2026-01-01, 324 days old, and may be 180",
    ),
    (
        "cost-unknown",
        SERVICE,
        {"costEstimate.priceTableDate": GONE},
        "the estimate does not say how old its prices are",
    ),
    ("cost-unknown", SERVICE, {"costEstimate": None}, "the service has no estimate"),
    ("gpu-family-per-env", SERVICE, {"plan.hardware.0": "p5.48xlarge"}, f"plan.hardware[0]: p5.48xlarge {_FAMILIES}"),
    (
        "gpu-family-per-env",
        SERVICE,
        {"plan.hardware": []},
        "plan.hardware is missing, so the hardware is not known",
    ),
    (
        "gpu-family-per-env",
        SERVICE,
        {"plan.gpusPerReplica": 8},
        "plan.gpusPerReplica: 8 GPUs for one replica, and 1 are allowed here",
    ),
    (
        "gpu-family-per-env",
        CONFIGURATION,
        {"productionVariants.1.instanceType": "ml.p4d.24xlarge"},
        f"productionVariants[1].instanceType: ml.p4d.24xlarge {_FAMILIES}",
    ),
    (
        "gpu-family-per-env",
        ENDPOINT,
        {"configurations.0.instanceType": "ml.g5.xlarge"},
        f"configurations[0].instanceType: ml.g5.xlarge {_FAMILIES}",
    ),
    ("gpu-family-per-env", TEMPLATE, {"instanceType": "g5.xlarge"}, f"instanceType: g5.xlarge {_FAMILIES}"),
    (
        "gpu-family-per-env",
        TEMPLATE,
        {"instanceType": GONE},
        "instanceType is missing, so the hardware is not known",
    ),
    (
        "gpu-family-per-env",
        TEMPLATE,
        {"instanceRequirements": {"acceleratorCount": {"min": 1}}},
        "instanceRequirements leaves the choice of the hardware to AWS",
    ),
    (
        "gpu-family-per-env",
        GROUP,
        {"mixedInstancesPolicy.launchTemplate.overrides.1.instanceType": "g5.xlarge"},
        f"mixedInstancesPolicy.launchTemplate.overrides[1].instanceType: g5.xlarge {_FAMILIES}",
    ),
    ("gpu-family-per-env", RUNPOD, {"gpu.pools.0": "HOPPER_141"}, f"gpu.pools[0]: HOPPER_141 {_FAMILIES}"),
    (
        "gpu-family-per-env",
        RUNPOD,
        {"gpu.count": 2},
        "gpu.count: 2 GPUs for one replica, and 1 are allowed here",
    ),
    ("max-replicas", SERVICE, {"plan.replicas.max": 5}, "plan.replicas.max: 5, and 4 are allowed here"),
    ("max-replicas", TARGET, {"maxCapacity": 5}, "maxCapacity: 5, and 4 are allowed here"),
    ("max-replicas", TARGET, {"maxCapacity": GONE}, "maxCapacity is missing, so nothing bounds the replicas"),
    ("max-replicas", GROUP, {"maxSize": 7}, "maxSize: 7, and 6 are allowed here"),
    (
        "max-replicas",
        CONFIGURATION,
        {"productionVariants.0.initialInstanceCount": 5},
        "productionVariants[0].initialInstanceCount: 5, and 4 are allowed here",
    ),
    ("max-replicas", ENDPOINT, {"maxReplicas": 5}, "maxReplicas: 5, and 4 are allowed here"),
    ("max-replicas", RUNPOD, {"workers.max": 5}, "workers.max: 5, and 4 are allowed here"),
    (
        "prod-ha",
        SERVICE,
        {"plan.replicas.min": 1},
        "plan.replicas.min: 1, and 2 are needed so that one may fail",
    ),
    ("prod-ha", TARGET, {"minCapacity": 1}, "minCapacity: 1, and 2 are needed so that one may fail"),
    ("prod-ha", TARGET, {"minCapacity": GONE}, "minCapacity: 0, and 2 are needed so that one may fail"),
    (
        "prod-ha",
        GROUP,
        {"vpcZoneIdentifiers": ["subnet-a"]},
        "vpcZoneIdentifiers: 1, and 2 are needed so that a zone may fail",
    ),
    ("prod-ha", ENDPOINT, {"minReplicas": 1}, "minReplicas: 1, and 2 are needed so that one may fail"),
    ("prod-ha", RUNPOD, {"workers.min": 1}, "workers.min: 1, and 2 are needed so that one may fail"),
    (
        "runpod-workers",
        SERVICE,
        {**_ON_RUNPOD, "plan.runpod.workersMin": 2},
        "plan.runpod.workersMin: 2 workers are paid for with or without requests, and 0 are allowed here",
    ),
    (
        "runpod-workers",
        RUNPOD,
        {"workers.min": 1},
        "workers.min: 1 workers are paid for with or without requests, and 0 are allowed here",
    ),
    ("runpod-workers", RUNPOD, {"workers.max": 0}, "workers.max: 0, so that every request waits in vain"),
    (
        "runpod-idle-timeout",
        SERVICE,
        {**_ON_RUNPOD, "plan.runpod.idleTimeoutSeconds": 900},
        "plan.runpod.idleTimeoutSeconds: an idle worker is paid for 900 s, and 300 are allowed here",
    ),
    (
        "runpod-idle-timeout",
        RUNPOD,
        {"workers.idleTimeout": 301},
        "workers.idleTimeout: an idle worker is paid for 301 s, and 300 are allowed here",
    ),
    (
        "runpod-idle-timeout",
        RUNPOD,
        {"workers.idleTimeout": GONE},
        "workers.idleTimeout is missing, so RunPod chooses how long an idle worker is paid for",
    ),
    (
        "nonprod-schedule",
        SERVICE,
        {"spec.schedule": None},
        "the service has no schedule and never scales to zero, so its GPUs are paid for around the clock",
    ),
    (
        "nonprod-schedule",
        SERVICE,
        {"spec.schedule.hours": "always"},
        "schedule.hours: always has no hour in which the GPUs are off",
    ),
    (
        "schedule-sane",
        SERVICE,
        {"spec.schedule.hours": "Daily 08:00-20:00 Europe/Berlin"},
        "schedule.hours: Daily 08:00-20:00 Europe/Berlin is 84 hours a week, and 60 are allowed here",
    ),
    (
        "schedule-sane",
        SERVICE,
        {"spec.schedule.hours": "Sun 02:30-12:00 Europe/Berlin"},
        (
            "schedule.hours: opens Sun 02:30, a time that Europe/Berlin skips on 2027-03-28: it happens when the clock "
            "jumps; choose a time outside 02:00-03:00"
        ),
    ),
    (
        "schedule-sane",
        SCHEDULE,
        {"scheduleExpressionTimezone": GONE},
        f"scheduleExpressionTimezone is missing, so scheduleExpression {_CLOCKS}",
    ),
    ("schedule-sane", ACTION, {"timezone": GONE}, f"timezone is missing, so schedule {_CLOCKS}"),
    (
        "schedule-sane",
        ACTION,
        {"timezone": "CEST"},
        "timezone: CEST is not a time zone",
    ),
    (
        "capacity-ignored",
        ENDPOINT,
        {"keeperManaged": False},
        "keeperManaged is not true, so a deployment undoes what the keeper did",
    ),
    (
        "capacity-ignored",
        RUNPOD,
        {"scheduleManaged": GONE},
        "scheduleManaged is not true, so a deployment undoes what the keeper did",
    ),
    (
        "budget-recipient",
        BUDGET,
        {"notifications.0.subscriberEmailAddresses": []},
        "notifications[0] reaches nobody: it has neither an e-mail address nor a topic",
    ),
    (
        "budget-recipient",
        BUDGET,
        {"notifications.0.subscriberEmailAddresses": ["a@example.com"] * 11},
        "notifications[0] has 11 e-mail addresses, and AWS takes 10",
    ),
    (
        "budget-recipient",
        BUDGET,
        {"notifications.1.subscriberSnsTopicArns": ["arn:a", "arn:b"]},
        "notifications[1] has 2 topics, and AWS takes 1",
    ),
    (
        "budget-filter",
        BUDGET,
        {"costFilters": []},
        "costFilters has no TagKeyValue, so the budget counts the whole account",
    ),
    (
        "budget-filter",
        BUDGET,
        {"costFilters.0.values.0": "stack$dev"},
        "costFilters[0].values[0]: stack$dev matches no cost: it must read user:KEY$VALUE",
    ),
    (
        "budget-filter",
        BUDGET,
        {"costFilters.0.values.0": "user:stack$prod"},
        "costFilters[0].values[0]: user:stack$prod is another stack's, and this one is dev",
    ),
    (
        "budget-filter",
        BUDGET,
        {"filterExpression": {"tags": {"key": "stack", "values": ["dev"]}}},
        "metrics is missing, which a filterExpression needs",
    ),
    (
        "spot-share",
        SERVICE,
        {"spec.pricing.spot_percent": 80},
        "spec.pricing.spot_percent: 80 % can be taken back within two minutes, and 50 % are allowed here",
    ),
    (
        "spot-share",
        SERVICE,
        {"spec.pricing.spot_percent": 10},
        "spec.pricing.spot_percent: 10 %, and 20 % cheaper spare capacity are wanted here",
    ),
    (
        "spot-share",
        GROUP,
        {"mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity": 0},
        (
            "mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity: 0 instances on demand, and 1 are needed "
            "beside 100 % spare capacity"
        ),
    ),
    (
        "commitment-hint",
        SERVICE,
        {"spec.pricing.commitment": "on_demand", "plan.awakeHoursPerMonth": 730},
        "2 replicas on demand run 730 of 730 hours a month, more than a Savings Plan needs to be worth it",
    ),
    (
        "over-provisioned-gpu",
        SERVICE,
        {"plan.memory.weightsGib": 4.5},
        "weights and runtime take 6.0 of 20.0 GiB, 30% of what may be used: less than 40 %, so a smaller GPU would do",
    ),
    (
        "over-provisioned-gpu",
        SERVICE,
        {"plan.memory.weightsGib": 18},
        (
            "weights and runtime take 19.5 of 20.0 GiB, 98% of what may be used: more than 95 %, so that hardly a "
            "request fits beside them"
        ),
    ),
    ("region-premium", SERVICE, {"plan.region": "us-west-2"}, "plan.region: us-west-2 is none of us-east-1, eu-west-1"),
    (
        "region-premium",
        SERVICE,
        {"plan.region": "eu-west-1", "plan.hardware.0": "g5.2xlarge"},
        (
            "g5.2xlarge costs 1.3530 USD per hour in eu-west-1, 12 % more than 1.2120 in us-east-1, and 5 % are "
            "allowed here"
        ),
    ),
    ("tags-required", SERVICE, {"plan.tags.owner": GONE}, "plan.tags has no owner"),
    ("tags-required", LOGS, {"tags": {key: TAGS[key] for key in ("stack", "managed-by")}}, "tags has no environment"),
    ("tags-required", LOGS, {"tags.environment": "stagging"}, "tags.environment: stagging is none of dev, prod"),
    ("tags-required", LOGS, {"tags.stack": "dev!"}, "tags.stack has a character that AWS refuses"),
    (
        "tags-required",
        LOGS,
        {"tagsAll": {**TAGS, "environment": "test"}},
        "tagsAll.environment: test is none of dev, prod",
    ),
    ("tags-required", GROUP, {"tags.0.propagateAtLaunch": False}, "tags[0]: stack does not reach the instances"),
    ("tags-required", ECS, {"propagateTags": "NONE"}, "propagateTags is missing, so the tasks have no tags"),
    (
        "no-public-unauth",
        SERVICE,
        {"spec.gateway.keys_secret": None},
        "network.exposure is public and gateway.keys_secret is missing, so anyone can use the GPUs",
    ),
    (
        "no-public-unauth",
        INGRESS,
        {"fromPort": 8000, "toPort": 8000},
        "port 8000 is open to the internet, past the load balancer",
    ),
    (
        "no-public-unauth",
        INGRESS,
        {"cidrIpv4": GONE, "cidrIpv6": "::/0", "fromPort": 8080, "toPort": 8080},
        "port 8080 is open to the internet, past the load balancer",
    ),
    (
        "no-public-unauth",
        FIREWALL,
        {"ingress.0.cidrBlocks": ["10.0.0.0/8", "0.0.0.0/0"]},
        "ingress[0]: port 8080 is open to the internet, past the load balancer",
    ),
    ("no-public-unauth", ROUTE, {"authorizationType": "NONE"}, "authorizationType is NONE"),
    (
        "no-public-unauth",
        METHOD,
        {"apiKeyRequired": False},
        "authorization is NONE, and no key is asked for",
    ),
    (
        "tls-only",
        LISTENER,
        {"sslPolicy": "ELBSecurityPolicy-2016-08"},
        "sslPolicy: ELBSecurityPolicy-2016-08 takes TLS 1.0 or 1.1",
    ),
    ("tls-only", LISTENER, {"sslPolicy": GONE}, "sslPolicy is missing, so TLS 1.0 is taken"),
    (
        "no-secrets-in-env",
        SERVICE,
        {"spec.gateway.note": f"use {_TOKEN}"},
        "spec.gateway.note holds what looks like a secret",
    ),
    (
        "no-secrets-in-env",
        TASK,
        {"containerDefinitions|0.environment.2": {"name": "GREETING", "value": _TOKEN}},
        "variable GREETING holds what looks like a secret",
    ),
    (
        "no-secrets-in-env",
        MODEL,
        {"primaryContainer.environment.API_KEY": "open sesame"},
        "variable API_KEY is named as a secret and lies open",
    ),
    (
        "no-secrets-in-env",
        RUNPOD,
        {"env.HF_TOKEN": "swordfish"},
        "variable HF_TOKEN is named as a secret and lies open",
    ),
    (
        "no-secrets-in-env",
        FUNCTION,
        {"environment.variables.DB_PASSWORD": "swordfish"},
        "variable DB_PASSWORD is named as a secret and lies open",
    ),
    (
        "iam-wildcard",
        ROLE_POLICY,
        {"policy|Statement.0.Resource": "*", "policy|Statement.0.Action": "s3:*"},
        "Read: s3:* is allowed on every resource",
    ),
    (
        "iam-wildcard",
        ROLE_POLICY,
        {"policy|Statement.0.Resource": ["arn:aws:iam::1:role/*"], "policy|Statement.0.Action": "iam:PassRole"},
        "Read: iam:PassRole is allowed on every role",
    ),
    (
        "iam-wildcard",
        ROLE_POLICY,
        {"policy|Statement.0.NotAction": ["iam:*"]},
        "Read: NotAction allows what nobody has listed",
    ),
    (
        "iam-wildcard",
        "aws:iam/policy:Policy",
        {"policy|Statement.0.NotResource": "arn:aws:s3:::logs"},
        "Read: NotResource allows what nobody has listed",
    ),
    (
        "iam-wildcard",
        ROLE,
        {"inlinePolicies.0.policy|Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
        "inlinePolicies[0].policy.Statement: * is allowed on every resource",
    ),
    ("encryption", FILES, {"encrypted": False}, "encrypted is not true"),
    ("encryption", FILES, {"kmsKeyId": GONE}, "kmsKeyId is missing"),
    (
        "encryption",
        TEMPLATE,
        {"blockDeviceMappings.1.ebs.encrypted": "false"},
        "blockDeviceMappings[1].ebs.encrypted is not true",
    ),
    ("encryption", TOPIC, {"kmsMasterKeyId": GONE}, "kmsMasterKeyId is missing"),
    ("encryption", LOGS, {"kmsKeyId": GONE}, "kmsKeyId is missing"),
    ("encryption", CONFIGURATION, {"productionVariants.0.instanceType": "ml.p3.2xlarge"}, "kmsKeyArn is missing"),
    (
        "model-revision-pinned",
        SERVICE,
        {"spec.model.revision": None},
        "spec.model.revision is missing, so replicas may serve different weights",
    ),
    (
        "model-revision-pinned",
        SERVICE,
        {"spec.model.revision": "main"},
        "spec.model.revision: main can be moved to other weights",
    ),
    (
        "model-revision-pinned",
        MODEL,
        {"primaryContainer.environment.HF_MODEL_REVISION": "v1"},
        "primaryContainer.environment.HF_MODEL_REVISION: v1 can be moved to other weights",
    ),
    (
        "model-revision-pinned",
        RUNPOD,
        {"env.MODEL_REVISION": GONE},
        "MODEL_REVISION is missing, so replicas may serve different weights",
    ),
    (
        "model-revision-pinned",
        TASK,
        {"containerDefinitions|0.environment.1.value": COMMIT[1:]},
        f"containerDefinitions[0].environment[1].value: {COMMIT[1:]} can be moved to other weights",
    ),
    (
        "image-pinned",
        SERVICE,
        {"plan.images.engine": "vllm/vllm-openai:v0.33.0"},
        "plan.images.engine: vllm/vllm-openai:v0.33.0 has no digest, so it can change without anyone noticing",
    ),
    (
        "image-pinned",
        MODEL,
        {"primaryContainer.image": "vllm"},
        "primaryContainer.image: vllm has no digest, so it can change without anyone noticing",
    ),
    (
        "image-pinned",
        RUNPOD,
        {"image": "worker:latest"},
        "image: worker:latest has no digest, so it can change without anyone noticing",
    ),
    (
        "image-pinned",
        TASK,
        {"containerDefinitions|0.image": "weight-cache:1"},
        "containerDefinitions[0].image: weight-cache:1 has no digest, so it can change without anyone noticing",
    ),
    ("log-retention", LOGS, {"retentionInDays": GONE}, "retentionInDays is missing, so the logs are kept for ever"),
    ("log-retention", LOGS, {"retentionInDays": 0}, "retentionInDays is missing, so the logs are kept for ever"),
    ("log-retention", LOGS, {"retentionInDays": 400}, "retentionInDays: 400 days, and 365 are allowed here"),
    (
        "log-retention",
        SERVICE,
        {"spec.ecs.log_retention": "731d"},
        "spec.ecs.log_retention: 731d, and 365 days are allowed here",
    ),
    (
        "log-retention",
        SERVICE,
        {"spec.ecs.log_retention": None},
        "spec.ecs.log_retention is missing, so the logs are kept for ever",
    ),
    (
        "efs-throughput",
        FILES,
        {"throughputMode": GONE},
        "throughputMode: bursting falls below 1 MiB/s on a file system as small as one model",
    ),
    (
        "efs-throughput",
        FILES,
        {"throughputMode": "provisioned", "provisionedThroughputInMibps": 100},
        "provisionedThroughputInMibps: 100 MiB/s are paid for around the clock, and 0 are allowed here",
    ),
    ("efs-throughput", FILES, {"lifecyclePolicies": []}, "lifecyclePolicies has no transitionToIa"),
    (
        "policy-exemptions",
        SERVICE,
        {"spec.policy_exemptions": [{**_EXEMPTION, "rule": "prod-haa"}]},
        "spec.policy_exemptions[0].rule: prod-haa is not a rule, did you mean prod-ha?",
    ),
    (
        "policy-exemptions",
        SERVICE,
        {"spec.policy_exemptions": [{**_EXEMPTION, "rule": "no-secrets-in-env"}]},
        "spec.policy_exemptions[0].rule: nothing is exempt from no-secrets-in-env",
    ),
    (
        "policy-exemptions",
        SERVICE,
        {"spec.policy_exemptions": [{**_EXEMPTION, "expires": "2026-11-20"}]},
        "spec.policy_exemptions[0].expires: the exemption from prod-ha ended on 2026-11-20",
    ),
    (
        "policy-exemptions",
        SERVICE,
        {"spec.policy_exemptions": [{**_EXEMPTION, "expires": "2028-11-21"}]},
        "spec.policy_exemptions[0].expires: 2028-11-21 is in 731 days, and an exemption lasts up to 180",
    ),
]
