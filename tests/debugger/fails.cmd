# --test fails
break exit timeout
continue
disassemble
info fibers
continue

print account
info fibers
