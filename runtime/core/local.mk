## runtime/core
