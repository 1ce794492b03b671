# replay good frank
