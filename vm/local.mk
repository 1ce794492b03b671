## vm: image, loader, verifier, interpreter, block, disassembler. Includes nothing of ours.
noinst_LTLIBRARIES += libvm.la
libvm_la_SOURCES = vm/error.c vm/error.h
