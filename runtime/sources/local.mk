## runtime/sources
