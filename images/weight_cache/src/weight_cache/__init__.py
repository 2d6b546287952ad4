"""How do weights come onto the shared file system? Once, whole, marked as complete, whoever starts first."""
