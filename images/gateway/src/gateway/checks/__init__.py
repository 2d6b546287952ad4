"""May this be asked, and may that be answered?"""
