## dev: for those who write plugins and clients outside this tree: headers, a library, pkg-config files, examples.
EXTRA_DIST += dev/gcx-plugin.pc.in dev/gcx-client.pc.in
pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = dev/gcx-plugin.pc dev/gcx-client.pc

## gcx/vocabulary.h brings the kinds and fields of all messages, which have headers of their own in the tree.
GCX_KINDS = 's,^/. gcx/vocabulary.h includes .*,\#include <gcx/events_link.h>\n\#include <gcx/events_host.h>\n\#include <gcx/events_call.h>\n\#include <gcx/events_agent.h>\n\#include <gcx/events_work.h>\n\#include <gcx/events_site.h>\n\#include <gcx/effects_link.h>\n\#include <gcx/effects_call.h>\n\#include <gcx/effects_work.h>\n\#include <gcx/effects_list.h>\n\#include <gcx/effects_host.h>\n\#include <gcx/controls.h>,'
## A plugin's headers, as they are in their rooms but for their includes: all of them stand in one folder, <gcx/...>.
nodist_pkginclude_HEADERS = dev/gcx/gcx_adapter.h dev/gcx/gcx_native.h dev/gcx/error.h dev/gcx/span.h dev/gcx/kv.h dev/gcx/message.h dev/gcx/rows.h \
	dev/gcx/vocabulary.h dev/gcx/controls.def dev/gcx/effects.def dev/gcx/enums.def dev/gcx/own_media.def dev/gcx/envelope.def \
	dev/gcx/events.def dev/gcx/records.def \
	dev/gcx/events_link.def dev/gcx/events_host.def dev/gcx/events_call.def dev/gcx/events_agent.def dev/gcx/events_work.def dev/gcx/events_site.def \
	dev/gcx/events_link.h dev/gcx/events_host.h dev/gcx/events_call.h dev/gcx/events_agent.h dev/gcx/events_work.h dev/gcx/events_site.h dev/gcx/controls.h dev/gcx/message_names.def \
	dev/gcx/effects_link.def dev/gcx/effects_call.def dev/gcx/effects_work.def dev/gcx/effects_list.def dev/gcx/effects_host.def \
	dev/gcx/effects_link.h dev/gcx/effects_call.h dev/gcx/effects_work.h dev/gcx/effects_list.h dev/gcx/effects_host.h
CLEANFILES += $(nodist_pkginclude_HEADERS)
$(nodist_pkginclude_HEADERS):
	$(AM_V_GEN)$(MKDIR_P) dev/gcx && for room in runtime/adapter runtime/vocabulary vm base; do \
	    from=$(top_srcdir)/$$room/$(@F); \
	    test ! -f $$from || sed 's,^\(#include\|#define MESSAGES_DEF\) "[a-z/]*/\([a-z_]*\.[a-z]*\)",\1 <gcx/\2>,;'$(GCX_KINDS) $$from >$@; \
	done; test -s $@
dev/gcx/gcx_adapter.h: runtime/adapter/gcx_adapter.h
dev/gcx/gcx_native.h: vm/gcx_native.h
dev/gcx/error.h: base/error.h
dev/gcx/span.h: base/span.h
dev/gcx/kv.h: runtime/vocabulary/kv.h
dev/gcx/message.h: runtime/vocabulary/message.h
dev/gcx/rows.h: runtime/vocabulary/rows.h
dev/gcx/vocabulary.h: runtime/vocabulary/vocabulary.h
dev/gcx/controls.def: runtime/vocabulary/controls.def
dev/gcx/effects.def: runtime/vocabulary/effects.def
dev/gcx/enums.def: runtime/vocabulary/enums.def
dev/gcx/own_media.def: runtime/vocabulary/own_media.def
dev/gcx/envelope.def: runtime/vocabulary/envelope.def
dev/gcx/events.def: runtime/vocabulary/events.def
dev/gcx/events_host.def: runtime/vocabulary/events_host.def
dev/gcx/events_host.h: runtime/vocabulary/events_host.h
dev/gcx/events_link.def: runtime/vocabulary/events_link.def
dev/gcx/events_call.def: runtime/vocabulary/events_call.def
dev/gcx/events_agent.def: runtime/vocabulary/events_agent.def
dev/gcx/events_work.def: runtime/vocabulary/events_work.def
dev/gcx/events_site.def: runtime/vocabulary/events_site.def
dev/gcx/events_link.h: runtime/vocabulary/events_link.h
dev/gcx/events_call.h: runtime/vocabulary/events_call.h
dev/gcx/events_agent.h: runtime/vocabulary/events_agent.h
dev/gcx/events_work.h: runtime/vocabulary/events_work.h
dev/gcx/events_site.h: runtime/vocabulary/events_site.h
dev/gcx/effects_link.def: runtime/vocabulary/effects_link.def
dev/gcx/effects_call.def: runtime/vocabulary/effects_call.def
dev/gcx/effects_work.def: runtime/vocabulary/effects_work.def
dev/gcx/effects_list.def: runtime/vocabulary/effects_list.def
dev/gcx/effects_host.def: runtime/vocabulary/effects_host.def
dev/gcx/effects_link.h: runtime/vocabulary/effects_link.h
dev/gcx/effects_call.h: runtime/vocabulary/effects_call.h
dev/gcx/effects_work.h: runtime/vocabulary/effects_work.h
dev/gcx/effects_list.h: runtime/vocabulary/effects_list.h
dev/gcx/effects_host.h: runtime/vocabulary/effects_host.h
dev/gcx/controls.h: runtime/vocabulary/controls.h
dev/gcx/message_names.def: runtime/vocabulary/message_names.def
dev/gcx/records.def: runtime/vocabulary/records.def

## Their functions, for a shared object, and seen within it only: a plugin brings its own codec. Without the
## counters of --enable-coverage, which would have to be linked.
lib_LIBRARIES = libgcx-plugin.a
libgcx_plugin_a_SOURCES = $(libvocabulary_la_FILES) $(libbase_la_FILES)
libgcx_plugin_a_CFLAGS = $(WARN_CFLAGS) $(PATH_FLAGS) $(SAN_FLAGS) -fPIC -fvisibility=hidden -fno-lto
