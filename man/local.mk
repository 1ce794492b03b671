## man: the manual. Pages named .in have tables in them that are made from the .def files by man/tables.
dist_man_MANS += man/gcx-house.7 man/gcx-journal.7 man/gcx-selection.7 man/gcx-takeover.7 man/gcx-verification.7
dist_man_MANS += man/gcx-tserver.5 man/gcx-standby.7 man/gcx-sources.7 man/gcx-plugin.3 man/gcxsim.1
MADE_MANS = man/gcxc.1 man/gcxc-lint.1 man/gcxctl.1 man/gcxb.5 man/gcx.7 man/gcxvm.8 \
	man/gcxvm.conf.5 man/gcx-adapter.5 man/gcx-security.7 man/gcx-records.5 man/gcxrecords.8 man/gcx-directory.5 man/gcxdb.1 man/gcx-store.5 man/gcxstore.1
MADE_MANS += man/gcx-lists.5 man/gcxlists.1
EXTRA_DIST += man/gcx-lists.5.in man/gcxlists.1.in
man/gcx-lists.5: man/gcx-lists.5.in
man/gcxlists.1: man/gcxlists.1.in
MADE_MANS += man/gcx-sip.5 man/gcx-email.8 man/gcx-chat.8 man/gcx-desk.8 man/gcx-dialer.8 man/gcx-sms.8
EXTRA_DIST += man/gcx-sip.5.in man/gcx-email.8.in man/gcx-chat.8.in man/gcx-desk.8.in man/gcx-dialer.8.in man/gcx-sms.8.in
MADE_MANS += man/gcx-domains.8
EXTRA_DIST += man/gcx-domains.8.in
man/gcx-domains.8: man/gcx-domains.8.in
MADE_MANS += man/gcx-webhook.8 man/gcx-im.8 man/gcx-mms.8 man/gcx-work.8
EXTRA_DIST += man/gcx-webhook.8.in man/gcx-im.8.in man/gcx-mms.8.in man/gcx-work.8.in
man/gcx-mms.8: man/gcx-mms.8.in
man/gcx-work.8: man/gcx-work.8.in
man/gcx-im.8: man/gcx-im.8.in
man/gcx-webhook.8: man/gcx-webhook.8.in
MADE_MANS += man/gcx-promises.7
EXTRA_DIST += man/gcx-promises.7.in
man/gcx-promises.7: man/gcx-promises.7.in
MADE_MANS += man/gcx-rollout.7
EXTRA_DIST += man/gcx-rollout.7.in
man/gcx-rollout.7: man/gcx-rollout.7.in
MADE_MANS += man/gcx-axes.7
EXTRA_DIST += man/gcx-axes.7.in
man/gcx-axes.7: man/gcx-axes.7.in
MADE_MANS += man/gcx-post.7
EXTRA_DIST += man/gcx-post.7.in
man/gcx-post.7: man/gcx-post.7.in
MADE_MANS += man/gcxdetect.1
EXTRA_DIST += man/gcxdetect.1.in
man/gcxdetect.1: man/gcxdetect.1.in
MADE_MANS += man/gcxtwin.1
EXTRA_DIST += man/gcxtwin.1.in
man/gcxtwin.1: man/gcxtwin.1.in
man/gcx-sip.5: man/gcx-sip.5.in
man/gcx-email.8: man/gcx-email.8.in
man/gcx-chat.8: man/gcx-chat.8.in
man/gcx-desk.8: man/gcx-desk.8.in
man/gcx-dialer.8: man/gcx-dialer.8.in
man/gcx-sms.8: man/gcx-sms.8.in
man_MANS += $(MADE_MANS)
## Pictures of the desk's pages and the chat's widget, as desk_browser.sh puts them into the folder that GCX_KEEP names.
EXTRA_DIST += man/pictures/chat-widget.png man/pictures/desk-agent.png man/pictures/desk-login.png man/pictures/desk-mail.png \
	man/pictures/desk-queue.png man/pictures/desk-review.png man/pictures/desk-supervisor.png
EXTRA_DIST += man/gcxc.1.in man/gcxc-lint.1.in man/gcxctl.1.in man/gcxb.5.in man/gcx.7.in man/gcxvm.8.in \
	man/gcxvm.conf.5.in man/gcx-adapter.5.in man/gcx-security.7.in man/gcx-records.5.in man/gcxrecords.8.in man/gcx-directory.5.in man/gcxdb.1.in man/gcx-store.5.in man/gcxstore.1.in
CLEANFILES += $(MADE_MANS)

noinst_PROGRAMS += man/tables/fill
man_tables_fill_FILES = man/tables/tables.c man/tables/page.c man/tables/language.c man/tables/library.c \
	man/tables/checks.c man/tables/gcxc.c man/tables/wire.c man/tables/daemon.c man/tables/settings.c man/tables/ctl.c \
	man/tables/stores.c man/tables/detector.c man/tables/twin.c man/tables/adapters.c man/tables/house.c man/tables/axes.c man/tables/axes.def man/tables/page.h man/tables/tables.h man/tables/tables.def
$(man_tables_fill_OBJECTS): | compiler/syntax/library_texts.def

$(MADE_MANS): man/tables/fill$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./man/tables/fill$(EXEEXT) <$(top_srcdir)/$@.in >$@.tmp && mv $@.tmp $@
## make html: the manual as HTML in html/, one file per page, an index, links between the pages. Debian: mandoc.
HTML_MANS = $(dist_man_MANS) $(MADE_MANS) $(ROW_MANS)
html-local: $(HTML_MANS)
	$(AM_V_GEN)pages=; for page in $(HTML_MANS); do \
	    if test -f $$page; then pages="$$pages $$page"; else pages="$$pages $(srcdir)/$$page"; fi; done; \
	    sh $(srcdir)/man/html.sh $(srcdir)/man/html.css html $$pages
.PHONY: html-clean
html-clean:
	rm -rf html
clean-local: html-clean
EXTRA_DIST += man/html.sh man/html.css man/rooms.awk
man/gcxc.1: man/gcxc.1.in
man/gcxc-lint.1: man/gcxc-lint.1.in
man/gcxctl.1: man/gcxctl.1.in
man/gcxb.5: man/gcxb.5.in
man/gcx.7: man/gcx.7.in
man/gcxvm.8: man/gcxvm.8.in
man/gcxvm.conf.5: man/gcxvm.conf.5.in
man/gcx-adapter.5: man/gcx-adapter.5.in
man/gcx-security.7: man/gcx-security.7.in
man/gcx-records.5: man/gcx-records.5.in
man/gcx-directory.5: man/gcx-directory.5.in
man/gcxrecords.8: man/gcxrecords.8.in
man/gcxdb.1: man/gcxdb.1.in
man/gcx-store.5: man/gcx-store.5.in
man/gcxstore.1: man/gcxstore.1.in

# Pages without tables are read from the build, too: `man -l build/man/NAME`.
all-local: manual-pages
manual-pages:
	@$(MKDIR_P) man; for page in $(dist_man_MANS); do \
	    test -e $$page || $(LN_S) $(abs_srcdir)/$$page $$page || exit 1; \
	done
clean-local: manual-clean
manual-clean:
	@for page in $(dist_man_MANS); do test ! -h $$page || rm -f $$page; done
.PHONY: manual-pages manual-clean

PLAIN_TESTS += tests/checks/manual.sh

## gcx-ird(7) and gcx-cookbook(7): their rows are .gcx files, in this order; tests/checks/manual.sh compiles and tests them.
IRD_ROWS = $(srcdir)/man/ird/segmentation.gcx $(srcdir)/man/ird/data.gcx $(srcdir)/man/ird/routing.gcx \
	$(srcdir)/man/ird/voice.gcx $(srcdir)/man/ird/misc.gcx $(srcdir)/man/ird/mail.gcx $(srcdir)/man/ird/outbound.gcx \
	$(srcdir)/man/ird/functions.gcx $(srcdir)/man/ird/values.gcx
COOKBOOK_ROWS = $(srcdir)/man/cookbook/waiting.gcx $(srcdir)/man/cookbook/asking.gcx $(srcdir)/man/cookbook/hours.gcx \
	$(srcdir)/man/cookbook/data.gcx $(srcdir)/man/cookbook/media.gcx
ROW_MANS = man/gcx-ird.7 man/gcx-cookbook.7
man/gcx-ird.7: man/gcx-ird.7.in man/rows.awk $(IRD_ROWS)
	$(AM_V_GEN)$(MKDIR_P) man && awk -f $(srcdir)/man/rows.awk $(IRD_ROWS) >$@.rows && \
	    sed -e '/@rows/r $@.rows' -e '/@rows/d' $(srcdir)/$@.in >$@.tmp && rm $@.rows && mv $@.tmp $@
man/gcx-cookbook.7: man/gcx-cookbook.7.in man/rows.awk $(COOKBOOK_ROWS)
	$(AM_V_GEN)$(MKDIR_P) man && awk -f $(srcdir)/man/rows.awk $(COOKBOOK_ROWS) >$@.rows && \
	    sed -e '/@rows/r $@.rows' -e '/@rows/d' $(srcdir)/$@.in >$@.tmp && rm $@.rows && mv $@.tmp $@
man_MANS += $(ROW_MANS)
CLEANFILES += $(ROW_MANS)
EXTRA_DIST += man/gcx-ird.7.in man/gcx-cookbook.7.in man/rows.awk $(IRD_ROWS) $(IRD_ROWS:.gcx=_tests.gcx) man/ird/site.gcx man/ird/crm.sql man/ird/contacts.sql \
	man/ird/holidays/FR.txt $(COOKBOOK_ROWS) $(COOKBOOK_ROWS:.gcx=_tests.gcx) man/cookbook/site.gcx man/cookbook/crm.sql \
	man/cookbook/holidays/FR.txt
