## runtime/core: the deterministic machine.
noinst_LTLIBRARIES += libcore.la
libcore_la_SOURCES = runtime/core/core.h runtime/core/core.c runtime/core/state.h runtime/core/memory.h \
	runtime/core/table.h runtime/core/table.c runtime/core/timer.h runtime/core/timer.c \
	runtime/core/claim.h runtime/core/claim.c runtime/core/agent.h runtime/core/agent.c \
	runtime/core/vq.h runtime/core/vq.c runtime/core/record.h runtime/core/record.c \
	runtime/core/directory.h runtime/core/directory.c runtime/core/effect.h runtime/core/effect.c \
	runtime/core/link.h runtime/core/link.c runtime/core/session.h runtime/core/session.c \
	runtime/core/interaction.h runtime/core/interaction.c runtime/core/call.c \
	runtime/core/userdata.h runtime/core/userdata.c runtime/core/select.h runtime/core/select.c \
	runtime/core/strategy.h runtime/core/strategy.c runtime/core/step.h runtime/core/step.c \
	runtime/core/step_ivr.c runtime/core/step_query.c runtime/core/step_route.c \
	runtime/core/admin.h runtime/core/admin.c runtime/core/check.h runtime/core/check.c \
	runtime/core/read.h runtime/core/read.c
libcore_la_CFLAGS = $(AM_CFLAGS) $(XXHASH_CFLAGS)
