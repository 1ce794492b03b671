## vm: image, loader, verifier, interpreter, block, disassembler. Includes nothing of ours.
## librequest.la: an endpoint as an image has it, for plugins that ask one.
noinst_LTLIBRARIES += librequest.la libvm.la
librequest_la_SOURCES = vm/request.c vm/request.h
VM_SOURCES = vm/value.h vm/text.c vm/memory.c vm/memory.h vm/keep.c vm/keep.h vm/bits.h \
	vm/opcodes.def vm/limits.def vm/rules.def vm/orders.def vm/tried_again.def vm/media_sets.def vm/steps.def vm/exits.def vm/exits.h vm/attributes.def vm/questions.def vm/question.h vm/measures.def vm/measured.def vm/measure.h vm/tables.c vm/opcode.h \
	vm/image.c vm/image.h vm/load.c vm/dense.c vm/dense.h vm/quick.c vm/quick.h vm/steps.h vm/image_data.h vm/reads.c vm/reads.h vm/debug.c \
	vm/instruction.c vm/instruction.h vm/shadow.h \
	vm/verify.c vm/verify_refuse.c vm/verify_code.c vm/verify_waits.c vm/verify.h \
	vm/image_writer.c vm/writer_code.c vm/writer_function.c vm/writer_table.c vm/image_writer.h vm/writer_data.h \
	vm/block.c vm/block_make.c vm/block.h vm/system_words.h vm/block_data.h vm/slab.c vm/fiber.c vm/compact.c vm/hash.c vm/block_check.c \
	vm/exec.c vm/exec.h vm/look.c vm/look.h vm/profile.c vm/profile.h vm/profiled.def vm/vm.h vm/run.c vm/run_watched.c vm/ops.c vm/ops_text.c vm/ops_table.c \
	vm/ops_value.c vm/ops_counter.c vm/ops_core.c vm/ops_share.c vm/ops_calendar.c vm/ops_site.c vm/schedule.c vm/schedule.h vm/park.c \
	vm/clock.c vm/clock.h vm/counted.h vm/compared.c vm/compared.h vm/capacity.c vm/capacity.h vm/prefer.c vm/prefer.h vm/prefer_orders.def vm/bin_view.c vm/bin_view.h vm/bin_columns.def vm/media_set.h vm/native.c vm/native.h vm/gcx_native.h vm/park.h vm/pending.c vm/share.h vm/show.c vm/show.h \
	vm/disassemble.c vm/demand.c vm/demand.h vm/selection.c vm/selection.h vm/selection_slice.h vm/selection_steps.def vm/selection_flow.c vm/selection_reads.c \
	vm/selection_chooses.c vm/selection_keep.c vm/selection_same.c
libvm_la_SOURCES = $(VM_SOURCES)
libvm_la_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS) $(XXHASH_CFLAGS) $(FFI_CFLAGS)
libvm_la_LIBADD = librequest.la $(SODIUM_LIBS) $(FFI_LIBS)
if CHECKED
libvm_la_SOURCES += vm/shadow.c
endif

UNIT_TESTS += tests/unit/vm_image tests/unit/vm_written tests/unit/vm_run tests/unit/vm_fork tests/unit/vm_block tests/unit/vm_hostile \
	tests/unit/vm_native tests/unit/vm_switch tests/unit/vm_calendar tests/unit/vm_schedule \
	tests/unit/vm_demand
tests_unit_vm_demand_SOURCES = tests/unit/vm_demand.c tests/unit/vm_sample.h
tests_unit_vm_demand_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vm_demand_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
UNIT_TESTS += tests/unit/vm_latch
tests_unit_vm_latch_SOURCES = tests/unit/vm_latch.c
tests_unit_vm_latch_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_vm_latch_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
UNIT_TESTS += tests/unit/vm_measure
tests_unit_vm_measure_SOURCES = tests/unit/vm_measure.c
tests_unit_vm_measure_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_vm_measure_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_vm_schedule_SOURCES = tests/unit/vm_schedule.c
tests_unit_vm_schedule_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vm_schedule_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_vm_calendar_SOURCES = tests/unit/vm_calendar.c tests/unit/vm_sample.h
tests_unit_vm_calendar_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vm_calendar_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_vm_image_SOURCES = tests/unit/vm_image.c tests/unit/vm_sample.h
tests_unit_vm_image_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_vm_image_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_vm_hostile_SOURCES = tests/unit/vm_hostile.c tests/unit/vm_sample.h
tests_unit_vm_hostile_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_vm_hostile_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_vm_fork_SOURCES = tests/unit/vm_fork.c tests/unit/vm_sample.h
tests_unit_vm_fork_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vm_fork_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)

tests_unit_vm_native_SOURCES = tests/unit/vm_native.c tests/unit/vm_sample.h
tests_unit_vm_native_CFLAGS = $(UNIT_CFLAGS) $(SODIUM_CFLAGS)
tests_unit_vm_native_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)

tests_unit_vm_run_SOURCES = tests/unit/vm_run.c tests/unit/vm_sample.h
tests_unit_vm_run_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vm_run_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
## The same tests over the interpreter without labels as values.
tests_unit_vm_switch_SOURCES = tests/unit/vm_run.c tests/unit/vm_sample.h vm/run.c
tests_unit_vm_switch_CFLAGS = $(UNIT_CFLAGS) -DVM_SWITCH
tests_unit_vm_switch_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_vm_written_SOURCES = tests/unit/vm_written.c
tests_unit_vm_written_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vm_written_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)
tests_unit_vm_block_SOURCES = tests/unit/vm_block.c tests/unit/vm_sample.h
tests_unit_vm_block_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vm_block_LDADD = libvm.la libbase.la $(CRITERION_LIBS) $(SODIUM_LIBS)

## The VM with shadow registers, in every build: does it see a lie?
UNIT_TESTS += tests/unit/vm_shadow
if CHECKED
LIBVM_CHECKED = libvm.la libbase.la
else
LIBVM_CHECKED = libvm-checked.la libbase.la
check_LTLIBRARIES += libvm-checked.la
endif
libvm_checked_la_SOURCES = $(VM_SOURCES) vm/shadow.c
libvm_checked_la_CPPFLAGS = $(AM_CPPFLAGS) -DVM_CHECKED
libvm_checked_la_CFLAGS = $(libvm_la_CFLAGS)
libvm_checked_la_LIBADD = librequest.la $(SODIUM_LIBS) $(FFI_LIBS)
tests_unit_vm_shadow_SOURCES = tests/unit/vm_shadow.c tests/unit/vm_sample.h
tests_unit_vm_shadow_CPPFLAGS = $(AM_CPPFLAGS) -DVM_CHECKED
tests_unit_vm_shadow_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vm_shadow_LDADD = $(LIBVM_CHECKED) $(CRITERION_LIBS) $(SODIUM_LIBS)

## A checked build runs the image's code as it stands. The code that loading makes (vm/quick.h) runs under the sanitizers
## here, and in the differential.
if CHECKED
UNIT_TESTS += tests/unit/vm_quick
check_LTLIBRARIES += libvm-plain.la
LIBVM_PLAIN = libvm-plain.la libbase.la
else
LIBVM_PLAIN = libvm.la libbase.la
endif
libvm_plain_la_SOURCES = $(VM_SOURCES)
libvm_plain_la_CPPFLAGS = $(AM_CPPFLAGS) -UVM_CHECKED
libvm_plain_la_CFLAGS = $(libvm_la_CFLAGS)
libvm_plain_la_LIBADD = librequest.la $(SODIUM_LIBS) $(FFI_LIBS)
tests_unit_vm_quick_SOURCES = tests/unit/vm_run.c tests/unit/vm_sample.h
tests_unit_vm_quick_CPPFLAGS = $(AM_CPPFLAGS) -UVM_CHECKED
tests_unit_vm_quick_CFLAGS = $(UNIT_CFLAGS)
tests_unit_vm_quick_LDADD = $(LIBVM_PLAIN) $(CRITERION_LIBS) $(SODIUM_LIBS)

EXTRA_DIST += vm/shadow.c

## Every rule of the verifier, broken one at a time.
check_PROGRAMS += tests/rules/rules
tests_rules_rules_SOURCES = tests/rules/rules.c
tests_rules_rules_CFLAGS = $(AM_CFLAGS)
tests_rules_rules_LDADD = libvm.la libbase.la $(SODIUM_LIBS)
PLAIN_TESTS += tests/rules/rules.sh
tests/rules/rules.log: tests/rules/rules$(EXEEXT)
