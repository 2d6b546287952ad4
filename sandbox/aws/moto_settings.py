"""How is moto configured? In place: nothing of it has to be set before an import."""

from __future__ import annotations

import os

from moto import settings
from moto.core.config import default_user_config
from moto.moto_server import werkzeug_app

ACCOUNT_ID = "123456789012"

# There is one account; looking for the caller's makes moto load its policies for each partition of AWS.
os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT_ID

# The policies that AWS itself writes, such as AmazonECSTaskExecutionRolePolicy.
default_user_config["iam"] = {"load_aws_managed_policies": True}
default_user_config["lambda"] = {"use_docker": False}
default_user_config["batch"] = {"use_docker": False}
settings.ACM_VALIDATION_WAIT = 0
# No page in a browser of this machine is to read what somebody put into a local secret.
werkzeug_app.DISABLE_GLOBAL_CORS = True
