# nobody.gcx --test nobody
break at soon
break at 20s if ani == "1"
break at 10s
tbreak at 20s
break at 20000ms
ignore 1 1
break exit timeout
info breakpoints
continue
why
continue
why
why not marie
reverse-continue
continue
