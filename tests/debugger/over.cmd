# --test sold
continue
when score
why
when account
reverse-step
when score
print score
