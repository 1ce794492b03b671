## runtime/profile: a profile as gcxc and gcxctl tell it.
noinst_LTLIBRARIES += libprofile.la
libprofile_la_SOURCES = runtime/profile/profiled.c runtime/profile/profiled.h
