#
key 1
answer 1
advance
advance soon
advance 5
agent marie (Nothing: 3) ready
agent
arrive
arrive +331 to 1800 nobody
hang up
source two
export-test
continue
advance 1s
arrive +33145550101
fails nothing
answer 4 + x
fails timeout
continue
arrive +33145550103
hang up
export-test exported
