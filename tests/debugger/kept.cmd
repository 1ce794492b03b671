# --test sold
break 27
commands
expect total == 33
print total
end
display total * 2
break at 2s
condition 1 total > 40
condition 1 total >
condition 7
condition
continue
at 2500ms
at 1s
at soon
condition 1 total > 4
disable 2
frame
continue
where
frame 1
frame x
expect total == 34
expect 1
undisplay 4
undisplay
enable
info breakpoints
info displays
save shop.gcx
save
restart
restart
at 9h
at 3s
ignore $ 1
delete
info breakpoints
quit
