## runtime/adapters/cti
