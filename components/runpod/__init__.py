"""RunPod serverless: a plan rendered to our own Endpoint and NetworkVolume over REST v2."""
