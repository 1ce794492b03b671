# tests/quick/waiting.mk - Flags for the sanitized build of `quickstart check`, behind those of configure; make reads this
# file by MAKEFILES. A room that waits for others computes little: optimising it takes longer than it runs.
# No fuzzer asks which lines of a unit test were run.
WAITING = adapter adapters ctl daemon debugger domains host journal lists mail natives post profile records sources sql store web
$(addsuffix /%,$(addprefix runtime/,$(WAITING))): CFLAGS += -O0
tests/unit/%.o: CFLAGS += -fno-sanitize=fuzzer-no-link
