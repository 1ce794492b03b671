## runtime/adapters/tserver
