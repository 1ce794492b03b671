# replay altered
