# replay nowhere
