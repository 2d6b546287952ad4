"""Where can a request be sent? One file for each kind of upstream, and how one of several is chosen."""
