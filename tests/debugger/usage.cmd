# --test nothing
