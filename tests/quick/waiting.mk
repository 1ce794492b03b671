# tests/quick/waiting.mk - Flags for the sanitized build of `quickstart check`, behind those of configure; make reads this
# file by MAKEFILES. A room that waits for others computes little: optimising it takes longer than it runs. So it is with the
# compiler, whose programs are small in tests: it takes clang a minute, and spares twenty seconds. Of two patterns
# that fit, make takes the flags of the more exact one last. The units of a library stand in units/LIBRARY (units.awk).
# No fuzzer asks which lines of a unit test were run.
# The interpreter is one function, which takes clang half a minute where it is watched, and a quarter where it is not: it is
# optimised once, as scripts and fuzzers run it, not where a debugger watches, nor in the copies for unit tests (vm/local.mk).
WAITING = adapter adapters ctl daemon debugger domains host journal lists mail natives post profile records sources sql store web
COMPUTING = gcxsim libbase libcore libdetector libimport libsim libsound libvirtual libvocabulary libwhatif
$(addsuffix /%,$(addprefix runtime/,$(WAITING))) units/%: CFLAGS += -O0
$(addsuffix /%,$(addprefix units/,$(COMPUTING))): CFLAGS += -O1
vm/libvm_la-run_watched.lo vm/libvm_plain_la-%.lo vm/tests_unit_vm_switch-%.o tests/fuzz/fuzz_%.o: CFLAGS += -O0
tests/unit/%.o: CFLAGS += -fno-sanitize=fuzzer-no-link
