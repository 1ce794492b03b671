# replay good 1-000000000002
next
print account
