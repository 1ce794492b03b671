# --test s
