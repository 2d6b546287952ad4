"""What does an account need before the first stack of services can be deployed to it by a CI system?"""
