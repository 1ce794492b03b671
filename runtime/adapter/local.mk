## runtime/adapter
