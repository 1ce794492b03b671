## vm: image, loader, verifier, interpreter, block, disassembler. Includes nothing of ours.
noinst_LTLIBRARIES += libvm.la
libvm_la_SOURCES = vm/error.c vm/error.h vm/value.h vm/image.h vm/writer.h vm/block.h vm/exec.h \
	vm/opcodes.def vm/steps.def vm/attributes.def
