# replay cut
