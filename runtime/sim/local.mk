## runtime/sim
