#
agent paul (Billing: 3) in group help ready
agent anna (Sales: 3) busy
when score
why
arrive +33145550101
when account
key 4711
key 42
advance 5s
why
why anna
why nobody
when score
when nothing
when
break 32
advance 10s
why
when total
when score
