"""Where should a spec run, and should it run on GPUs of one's own at all? Plans side by side, read, not made."""
