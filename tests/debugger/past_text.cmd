# replay text
