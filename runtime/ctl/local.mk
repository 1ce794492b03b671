## runtime/ctl: gcxctl, which asks a running gcxvm. It shares the room of the protocol with it, and nothing else.
bin_PROGRAMS += gcxctl
gcxctl_FILES = runtime/ctl/campaign.c runtime/ctl/ctl.c runtime/ctl/ctl.h runtime/ctl/ask.c runtime/ctl/exits.def runtime/ctl/export.c \
	runtime/ctl/follow.c runtime/ctl/help.c runtime/ctl/options.def runtime/ctl/one.c runtime/ctl/past.c runtime/ctl/profile.c runtime/ctl/rollout.c runtime/ctl/rollout_test.c \
	runtime/ctl/show.c runtime/ctl/show.h runtime/ctl/table.c runtime/ctl/top.c
gcxctl_CPPFLAGS = $(AM_CPPFLAGS) -DADMIN_SOCKET='"/run/gcx/admin.sock"'
gcxctl_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
gcxctl_LDADD = libprotocol.la libprofile.la libvocabulary.la libbase.la $(JANSSON_LIBS)

UNIT_TESTS += tests/unit/ctl_table
tests_unit_ctl_table_SOURCES = tests/unit/ctl_table.c runtime/ctl/table.c
tests_unit_ctl_table_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_ctl_table_LDADD = libvocabulary.la libbase.la $(JANSSON_LIBS) $(CRITERION_LIBS)

## Both ask `gcxctl --complete`, which knows the table of commands.
dist_bashcompletion_DATA += runtime/ctl/completion/gcxctl.bash
dist_zshcompletion_DATA += runtime/ctl/completion/_gcxctl

## gcxctl: what it tells, what it changes, who may, what shells complete.
SCRIPT_TESTS += tests/flows/ctl.tap tests/flows/ctl_gone.sh tests/flows/ctl_acts.sh tests/flows/ctl_roles.sh tests/flows/ctl_campaign.sh \
	tests/flows/ctl_why.sh tests/flows/select_wire.sh tests/flows/hand_wire.sh \
	tests/flows/directory_wire.sh
