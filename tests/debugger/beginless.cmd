# two/two.gcx --test two
print 1
info agents
reverse-continue
