## man
dist_man_MANS += man/gcx-tserver.5
