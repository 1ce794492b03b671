## runtime/host
