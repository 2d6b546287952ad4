"""Through what does a request pass? One file for each stage; `gateway.pipeline` has them in order."""
