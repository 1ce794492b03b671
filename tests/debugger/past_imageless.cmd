# replay imageless
