/* tests/unit/journal_keys.c - Secrets go behind the events and come back; without their key they stay stars. Keys: the
 * right key file opens them, another one does not, and what is forgotten or erased is gone. */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/journal/batch.h"
#include "runtime/journal/secrets.h"
#include "runtime/journal/snapshot_file.h"
#include "runtime/journal/place.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/semantics.h"
#include "tests/unit/disk_faults.h"
#include "tests/unit/disk_power.h"

static char folder[64];

static void folder_make(void)
{
    snprintf(folder, sizeof folder, "/tmp/gcx-keys-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void folder_remove(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

static const char *in_folder(const char *name)
{
    static char path[2][160];
    static unsigned turn;
    char *at = path[turn++ % 2];
    snprintf(at, sizeof path[0], "%s/%s", folder, name);
    return at;
}

static void file_write(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "we");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, mode) == 0);
}

static struct keys *keys_new(bool writes)
{
    bool made;
    struct error error = {0};
    cr_assert(keys_make(folder, "", NULL, &made, &error), "%s", error.text);
    struct keys *keys = keys_open(folder, writes, &error);
    cr_assert(keys, "%s", error.text);
    return keys;
}

static bool hides(const void *self, struct span key)
{
    (void)self;
    return span_is(key, "card");
}

enum { EVENTS = 3 };

/* Digits of call 7; a marked pair, a nested one by its key, and a number, of interaction 9; and a pair of nobody's. */
static void write_events(struct writer *writer)
{
    struct kv data, other;
    kv_init(&data);
    kv_init(&other);
    kv_put(&data, span_of("pin"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of("8392017465")});
    kv_put(&data, span_of("number"), &(struct kv_value){.tag = KV_INT, .secret = true, .word = 8392017465});
    kv_put_text(&data, "told", span_of("everybody"));
    kv_list_begin(&data, span_of("of"));
    kv_put_text(&data, "card", span_of("8392017465"));
    kv_list_end(&data);
    kv_put(&other, span_of("pin"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of("8392017465")});
    writer_begin(writer, KIND_EventTreatment);
    writer_u(writer, ENVELOPE_source, 16);
    writer_u(writer, ENVELOPE_seq, 1);
    writer_conn(writer, ENVELOPE_conn, 7);
    writer_text(writer, EventTreatment_digits, "8392017465");
    writer_end(writer);
    writer_begin(writer, KIND_RequestUserData);
    writer_u(writer, ENVELOPE_source, 16);
    writer_u(writer, ENVELOPE_seq, 2);
    writer_u(writer, ENVELOPE_ixn, 9);
    writer_kv(writer, RequestUserData_pairs, &data);
    writer_end(writer);
    writer_begin(writer, KIND_Signal);
    writer_u(writer, ENVELOPE_source, 16);
    writer_u(writer, ENVELOPE_seq, 3);
    writer_text(writer, Signal_name, "paid");
    writer_kv(writer, Signal_payload, &other);
    writer_end(writer);
    kv_free(&data);
    kv_free(&other);
}

static bool has_pin(const uint8_t *bytes, size_t length)
{
    return memmem(bytes, length, "8392017465", 10) != NULL;
}

static unsigned frames_good(const struct writer *writer)
{
    struct message message;
    unsigned good = 0;
    for (size_t at = 0; at < writer->length; good++) {
        size_t size = message_frame_size(writer->bytes + at, writer->length - at);
        if (!message_read(&message, writer->bytes + at, size, NULL)) return 0;
        at += size;
    }
    return good;
}

struct hidden {
    struct writer plain, events, sealed;
};

static void hide(struct hidden *h, struct keys *keys, uint64_t batch)
{
    struct error error = {0};
    *h = (struct hidden){0};
    writer_init(&h->plain);
    writer_init(&h->events);
    writer_init(&h->sealed);
    write_events(&h->plain);
    write_events(&h->events);
    cr_assert(secrets_hide(keys, (struct message_mask){.hides = hides}, batch, h->events.bytes,
                           (uint32_t)h->events.length, &h->sealed, &error),
              "%s", error.text);
}

static bool show(struct hidden *h, struct keys *keys, uint64_t batch, uint32_t *erased)
{
    return secrets_show(keys, batch, (struct span){h->sealed.bytes, (uint32_t)h->sealed.length}, h->events.bytes,
                        (uint32_t)h->events.length, erased, NULL);
}

static void hidden_free(struct hidden *h)
{
    writer_free(&h->plain);
    writer_free(&h->events);
    writer_free(&h->sealed);
}

static bool as_before(const struct hidden *h)
{
    return h->plain.length == h->events.length && memcmp(h->plain.bytes, h->events.bytes, h->plain.length) == 0;
}

Test(secrets, go_behind_the_events_and_come_back, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct keys *keys = keys_new(true);
    struct hidden h;
    uint32_t erased = 1;
    hide(&h, keys, 5);
    cr_assert_not(has_pin(h.events.bytes, h.events.length));
    cr_assert_not(has_pin(h.sealed.bytes, h.sealed.length));
    cr_assert(memmem(h.events.bytes, h.events.length, "everybody", 9));
    cr_assert_eq(frames_good(&h.events), EVENTS);
    struct keys *reader = keys_open(folder, false, NULL);
    cr_assert(show(&h, reader, 5, &erased));
    cr_assert(erased == 0 && as_before(&h));
    keys_close(reader);
    char copied[96];
    snprintf(copied, sizeof copied, "%s/copy", folder);
    cr_assert(mkdir(copied, 0700) == 0 && keys_copy(folder, copied, NULL) && keys_copy(folder, copied, NULL));
    struct keys *copy = keys_open(copied, false, NULL);
    cr_assert(copy, "it names the site's key where that is");
    hidden_free(&h);
    hide(&h, keys, 5);
    cr_assert(show(&h, copy, 5, &erased) && erased == 0 && as_before(&h));
    keys_close(copy);
    cr_assert_not(show(&h, keys, 6, &erased), "of another batch");
    h.sealed.bytes[h.sealed.length - 1] ^= 1;
    cr_assert_not(show(&h, keys, 5, &erased), "altered");
    hidden_free(&h);
    keys_close(keys);
}

Test(secrets, are_gone_with_their_key_and_nobody_elses, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct keys *keys = keys_new(true);
    struct hidden h;
    uint32_t erased = 0, kept = 0;
    uint64_t last = 0, owner = 9;
    hide(&h, keys, 5);
    cr_assert_eq(keys_erase(keys, &owner, 1, 5, &kept, &last, NULL), 0);
    cr_assert(kept == 1 && last == 5);
    cr_assert_eq(keys_erase(keys, &owner, 1, 6, &kept, &last, NULL), 1);
    cr_assert(show(&h, keys, 5, &erased));
    cr_assert_eq(erased, 1);
    cr_assert_eq(frames_good(&h.events), EVENTS);
    cr_assert_not(as_before(&h));
    hidden_free(&h);
    hide(&h, keys, 6); /* whose key was erased gets another one */
    cr_assert(show(&h, keys, 6, &erased) && erased == 0 && as_before(&h));
    cr_assert(keys_forget(keys, 6, NULL));
    cr_assert(show(&h, keys, 6, &erased) && erased == 0);
    cr_assert(keys_forget(keys, 7, NULL));
    cr_assert(show(&h, keys, 6, &erased) && erased == 3);
    cr_assert(show(&h, NULL, 6, &erased) && erased == 3);
    hidden_free(&h);
    keys_close(keys);
}

/* Written by hand: a Submit, a record of a calling list and its repetition, and another one. */
static void write_ownerless(struct writer *writer)
{
    struct kv data;
    kv_init(&data);
    kv_put(&data, span_of("pin"), &(struct kv_value){.tag = KV_TEXT, .secret = true, .span = span_of("8392017465")});
    writer_begin(writer, KIND_Submit);
    writer_u(writer, ENVELOPE_source, 16);
    writer_text(writer, Submit_external_id, "<1@x.org>");
    writer_kv(writer, Submit_data, &data);
    writer_end(writer);
    for (unsigned record = 0; record < 3; record++) {
        writer_begin(writer, KIND_EventRecord);
        writer_u(writer, ENVELOPE_source, 17);
        writer_u(writer, EventRecord_record, record == 2 ? 8 : 7);
        writer_text(writer, EventRecord_campaign, "spring");
        writer_kv(writer, EventRecord_data, &data);
        writer_end(writer);
    }
    writer_begin(writer, KIND_EventRecord); /* the other calling list counts from 1, too */
    writer_u(writer, ENVELOPE_source, 18);
    writer_u(writer, EventRecord_record, 7);
    writer_text(writer, EventRecord_campaign, "autumn");
    writer_kv(writer, EventRecord_data, &data);
    writer_end(writer);
    writer_begin(writer, KIND_RequestRecord);
    writer_u(writer, ENVELOPE_source, 16);
    writer_u(writer, RequestRecord_record, 7);
    writer_text(writer, RequestRecord_campaign, "spring");
    writer_kv(writer, RequestRecord_fields, &data);
    writer_end(writer);
    kv_free(&data);
}

static uint64_t owner_at(const struct writer *writer, unsigned event)
{
    struct message message;
    uint32_t at = 0;
    for (; event > 0; event--) at += (uint32_t)message_frame_size(writer->bytes + at, writer->length - at);
    cr_assert(
        message_read(&message, writer->bytes + at, message_frame_size(writer->bytes + at, writer->length - at), NULL));
    return secrets_owner(&message, 5, at);
}

Test(secrets, of_events_without_an_interaction_have_an_owner_of_their_own, .init = folder_make, .fini = folder_remove,
     .timeout = 30)
{
    struct keys *keys = keys_new(true);
    struct writer events, sealed;
    uint32_t erased = 0, kept = 0;
    uint64_t last = 0;
    writer_init(&events);
    writer_init(&sealed);
    write_ownerless(&events);
    uint64_t mail = owner_at(&events, 0), record = owner_at(&events, 1);
    cr_assert(mail != 0 && record != 0 && mail != record);
    cr_assert_eq(owner_at(&events, 2), record, "all of a record have one");
    cr_assert_neq(owner_at(&events, 3), record);
    cr_assert_neq(owner_at(&events, 4), record, "another campaign's record is another one, whatever its number is");
    cr_assert_eq(owner_at(&events, 5), record, "and so has what an agent says of it");
    cr_assert(secrets_hide(keys, (struct message_mask){.hides = hides}, 5, events.bytes, (uint32_t)events.length,
                           &sealed, NULL));
    cr_assert_eq(keys_erase(keys, &record, 1, 6, &kept, &last, NULL), 1);
    cr_assert(secrets_show(keys, 5, (struct span){sealed.bytes, (uint32_t)sealed.length}, events.bytes,
                           (uint32_t)events.length, &erased, NULL));
    cr_assert_eq(erased, 1, "the other records' and the mail's are there");
    cr_assert(keys_forget(keys, 6, NULL));
    cr_assert(secrets_show(keys, 5, (struct span){sealed.bytes, (uint32_t)sealed.length}, events.bytes,
                           (uint32_t)events.length, &erased, NULL));
    cr_assert_eq(erased, 4, "and go when they are old, whoever comes later");
    writer_free(&events);
    writer_free(&sealed);
    keys_close(keys);
}

/* What a sync has not brought to the disk is not said to be gone, and the next try is not over for that. */
Test(secrets, are_gone_only_when_the_disk_has_said_so, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct keys *keys = keys_new(true);
    struct hidden h;
    struct error error = {0};
    uint32_t kept = 0;
    uint64_t last = 0, owner = 9;
    hide(&h, keys, 5);
    disk_faults = (struct disk_faults){.at = 1, .error = EIO};
    keys_erase(keys, &owner, 1, 6, &kept, &last, &error);
    cr_assert_eq(error.code, ERROR_SYSTEM, "%s", error.text);
    cr_assert_not(keys_forget(keys, 6, &error));
    cr_assert_not(keys_forget(keys, 6, &error), "though nothing is left to overwrite");
    unsigned before = disk_faults.calls;
    disk_faults.at = 100;
    error.code = ERROR_NONE;
    cr_assert(keys_forget(keys, 6, &error), "%s", error.text);
    keys_erase(keys, &owner, 1, 6, &kept, &last, &error);
    cr_assert(error.code == ERROR_NONE && disk_faults.calls == before + 2, "each has synced");
    disk_faults.at = 0;
    hidden_free(&h);
    keys_close(keys);
}

struct eraser {
    struct keys *keys;
    uint32_t erased;
    _Atomic bool done;
};

static void *erase_other(void *self)
{
    struct eraser *eraser = self;
    uint64_t owner = 9, last;
    uint32_t kept;
    eraser->erased = keys_erase(eraser->keys, &owner, 1, 6, &kept, &last, NULL);
    eraser->done = true;
    return NULL;
}

/* Does somebody wait for a lock on the file? */
static bool is_waited_for(const char *path)
{
    char line[256], inode[32];
    struct stat found;
    bool waits = false;
    FILE *locks = fopen("/proc/locks", "re");
    cr_assert(locks && stat(path, &found) == 0);
    snprintf(inode, sizeof inode, ":%lu ", (unsigned long)found.st_ino);
    while (fgets(line, sizeof line, locks)) waits = waits || (strstr(line, "->") && strstr(line, inode));
    (void)fclose(locks);
    return waits;
}

Test(secrets, one_who_erases_beside_the_writer_waits_for_its_moment, .init = folder_make, .fini = folder_remove,
     .timeout = 30)
{
    struct keys *keys = keys_new(true);
    struct hidden h;
    struct flock slots = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1024};
    hide(&h, keys, 5);
    struct eraser eraser = {.keys = keys_open(folder, true, NULL)};
    int fd = open(in_folder("keys"), O_RDWR | O_CLOEXEC);
    cr_assert_eq(fcntl(fd, F_OFD_SETLK, &slots), 0);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, erase_other, &eraser), 0);
    while (!eraser.done && !is_waited_for(in_folder("keys"))) sched_yield();
    cr_assert_not(eraser.done);
    close(fd);
    pthread_join(thread, NULL);
    cr_assert_eq(eraser.erased, 1);
    keys_close(eraser.keys);
    hidden_free(&h);
    keys_close(keys);
}

Test(keys, are_not_made_anew_where_they_cannot_be_reached, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct error error = {0};
    bool made = true;
    cr_assert_eq(symlink("keys", in_folder("keys")), 0); /* a loop: something is there, and cannot be opened */
    cr_assert_not(keys_make(folder, "", NULL, &made, &error));
    cr_assert(error.code == ERROR_SYSTEM && !made, "%s", error.text);
    struct stat found;
    cr_assert(lstat(in_folder("keys"), &found) == 0 && S_ISLNK(found.st_mode));
}

Test(keys, a_site_key_that_was_half_made_is_made_again, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct error error = {0};
    bool made = false;
    file_write(in_folder("site.key.new"), "ab", 0600);
    cr_assert(keys_make(folder, "", NULL, &made, &error) && made, "%s", error.text);
    cr_assert_neq(access(in_folder("site.key.new"), F_OK), 0);
    keys_close(keys_open(folder, false, &error));
}

Test(keys, open_with_the_right_file_only, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct error error = {0};
    struct hidden h;
    uint32_t erased = 1;
    bool made = true;
    struct keys *keys = keys_new(true);
    hide(&h, keys, 5);
    keys_close(keys);
    file_write(in_folder("other"), "another key, of another site\n", 0600);
    cr_assert_not(keys_make(folder, in_folder("other"), NULL, &made, &error));
    cr_assert(strstr(error.text, "is not the one that opens") && !made, "%s", error.text);
    cr_assert(keys_rotate(folder, "", in_folder("other"), &error), "%s", error.text);
    cr_assert(keys_make(folder, in_folder("other"), NULL, &made, &error), "%s", error.text);
    cr_assert_not(keys_make(folder, in_folder("site.key"), NULL, &made, &error));
    cr_assert_eq(unlink(in_folder("site.key")), 0);
    keys = keys_open(folder, false, &error); /* it knows where the new one is */
    cr_assert(keys, "%s", error.text);
    cr_assert(show(&h, keys, 5, &erased) && erased == 0 && as_before(&h));
    keys_close(keys);
    cr_assert_eq(rename(in_folder("other"), in_folder("moved")), 0);
    cr_assert_null(keys_open(folder, false, &error));
    cr_assert(strstr(error.text, "other: No such file"), "%s", error.text);
    cr_assert(keys_make(folder, in_folder("moved"), NULL, &made, &error), "%s", error.text);
    cr_assert_eq(chmod(in_folder("moved"), 0644), 0);
    cr_assert_null(keys_open(folder, false, &error));
    cr_assert(strstr(error.text, "may be read by everybody"), "%s", error.text);
    cr_assert_eq(unlink(in_folder("moved")), 0);
    file_write(in_folder("site.key"), "the key of another copy\n", 0600); /* the one that is there is told of */
    cr_assert_null(keys_open(folder, false, &error));
    cr_assert(strstr(error.text, "site.key is not the one that opens"), "%s", error.text);
    cr_assert_eq(chmod(in_folder("site.key"), 0644), 0);
    cr_assert_null(keys_open(folder, false, &error));
    cr_assert(strstr(error.text, "site.key may be read by everybody"), "%s", error.text);
    hidden_free(&h);
}

Test(keys, name_where_the_file_is_after_the_folder_was_moved, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct error error = {0};
    bool made;
    char before[80], copy[80];
    keys_close(keys_new(true));
    snprintf(before, sizeof before, "%s", folder);
    snprintf(folder, sizeof folder, "/tmp/gcx-keys-XXXXXX");
    cr_assert(mkdtemp(folder) && rename(before, folder) == 0);
    snprintf(copy, sizeof copy, "%s/copy", folder);
    cr_assert(keys_make(folder, "", NULL, &made, &error), "%s", error.text);
    cr_assert(mkdir(copy, 0700) == 0 && keys_copy(folder, copy, &error), "%s", error.text);
    struct keys *keys = keys_open(copy, false, &error); /* the copy has no site.key of its own */
    cr_assert(keys, "%s", error.text);
    keys_close(keys);
}

Test(keys, that_are_cut_short_or_are_pipes_are_refused_at_once, .init = folder_make, .fini = folder_remove,
     .timeout = 30)
{
    struct error error = {0};
    bool made;
    keys_close(keys_new(true));
    cr_assert_eq(mkfifo(in_folder("pipe"), 0600), 0);
    cr_assert_not(keys_make(folder, in_folder("pipe"), NULL, &made, &error));
    cr_assert(strstr(error.text, "fewer than"), "%s", error.text);
    cr_assert_eq(truncate(in_folder("keys"), 1000), 0);
    cr_assert_null(keys_open(folder, false, &error));
    cr_assert(error.code == ERROR_INPUT && strstr(error.text, "no good head"), "%s", error.text);
}

Test(keys, whose_head_was_altered_are_refused, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct error error = {0};
    keys_close(keys_new(true));
    for (off_t at = 0; at < 512; at += 7) {
        uint8_t byte, other;
        int fd = open(in_folder("keys"), O_RDWR | O_CLOEXEC);
        cr_assert_eq(pread(fd, &byte, 1, at), 1);
        other = byte ^ 1;
        cr_assert_eq(pwrite(fd, &other, 1, at), 1);
        cr_assert_null(keys_open(folder, false, &error), "byte %d", (int)at);
        cr_assert_eq(error.code, ERROR_INPUT);
        cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
        close(fd);
    }
    keys_close(keys_open(folder, false, &error));
    cr_assert_eq(unlink(in_folder("keys")), 0);
    cr_assert_null(keys_open(folder, false, &error));
    cr_assert_eq(error.code, ERROR_NONE, "no keys are none to complain of");
}

/* More owners than slots are made at once: the file grows, and what was forgotten is used again. */
Test(keys, grow_and_are_used_again, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    enum { OWNERS = 3000 };
    struct keys *keys = keys_new(true);
    struct key_name names[OWNERS];
    uint8_t key[KEY_BYTES], again[KEY_BYTES];
    struct stat before, after;
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < OWNERS; i++) cr_assert(keys_for(keys, i + 1, round + 1, &names[i], key, NULL));
        cr_assert_eq(keys_find(keys, names[OWNERS - 1], round + 1, again), KEY_THERE);
        cr_assert_eq(memcmp(key, again, KEY_BYTES), 0);
        cr_assert_eq(stat(in_folder("keys"), round == 0 ? &before : &after), 0);
        cr_assert(keys_forget(keys, round + 2, NULL));
        cr_assert_eq(keys_find(keys, names[0], round + 1, again), KEY_ERASED);
    }
    cr_assert_eq(before.st_size, after.st_size);
    keys_close(keys);
}

Test(keys, encrypt_a_store, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct error error = {0};
    struct span read, row = span_of("a batch in which 8392017465 stands"), image = span_of("an image of 8392017465");
    const uint8_t hash[32] = {1};
    keys_close(keys_new(true));
    struct batches *store = batches_open_sqlite(folder, NULL, &error);
    cr_assert(store, "%s", error.text);
    cr_assert_eq(batches_append(store, 1, row, &error), APPEND_OK);
    cr_assert(batches_put_image(store, hash, image, &error));
    cr_assert(batches_read(store, 1, &read, &error) && span_equal(read, row));
    cr_assert(batches_get_image(store, hash, &read, &error) && span_equal(read, image));
    char command[160];
    snprintf(command, sizeof command, "! grep -r -q -a 8392017465 %s", folder);
    cr_assert_eq(system(command), 0);
    batches_close(store);
    cr_assert_eq(rename(in_folder("keys"), in_folder("away")), 0);
    store = batches_open_sqlite(folder, NULL, &error);
    cr_assert(store && !batches_read(store, 1, &read, &error));
    cr_assert(strstr(error.text, "no file `keys`"), "%s", error.text);
    batches_close(store);
    bool made;
    cr_assert(keys_make(folder, "", NULL, &made, &error)); /* which gcxvm does not do here: place_older */
    store = batches_open_sqlite(folder, NULL, &error);
    cr_assert(store && !batches_read(store, 1, &read, &error));
    cr_assert(strstr(error.text, "keys is of another journal"), "%s", error.text);
    batches_close(store);
}

/* A batch as the journal has it, that says nothing but its number. */
static struct span batch_bytes(uint64_t number, uint8_t hash[CORE_HASH])
{
    static uint8_t bytes[512];
    const struct batch batch = {.partition = 1, .number = number, .semantics = SEMANTICS_NUMBER};
    batch_encode(&batch, bytes, hash);
    return (struct span){bytes, (uint32_t)batch_size(&batch)};
}

static void append_until(struct batches *store, uint64_t until)
{
    uint8_t hash[CORE_HASH];
    struct error error = {0};
    for (uint64_t number = batches_last(store) + 1; number <= until; number++)
        cr_assert_eq(batches_append(store, number, batch_bytes(number, hash), &error), APPEND_OK, "%s", error.text);
}

/* By hand, as somebody may who writes the folder and has no key. */
static void row_put(uint64_t number, const char *column, struct span bytes)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    char sql[128];
    snprintf(sql, sizeof sql, "UPDATE batch SET bytes = %s WHERE number = ?1", column);
    cr_assert_eq(sqlite3_open(in_folder("journal.db"), &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)number);
    if (bytes.length > 0) sqlite3_bind_blob(statement, 2, bytes.bytes, (int)bytes.length, SQLITE_STATIC);
    cr_assert_eq(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static bool row_reads(uint64_t number, struct error *error)
{
    struct span read;
    struct batches *store = batches_follow_sqlite(folder, error);
    bool good = store && batches_read(store, number, &read, error);
    batches_close(store);
    return good;
}

Test(keys, nobody_without_them_puts_a_batch_into_their_journal, .init = folder_make, .fini = folder_remove,
     .timeout = 30)
{
    struct error error = {0};
    uint8_t hash[CORE_HASH];
    keys_close(keys_new(true));
    struct batches *store = batches_open_sqlite(folder, NULL, &error);
    append_until(store, 4);
    batches_close(store);
    row_put(2, "?2", batch_bytes(2, hash));
    cr_assert_not(row_reads(2, &error));
    cr_assert(strstr(error.text, "it is not encrypted, and this journal is"), "%s", error.text);
    row_put(3, "(SELECT bytes FROM batch WHERE number = 4)", (struct span){0});
    cr_assert_not(row_reads(3, &error), "a batch opens at its own place only");
    cr_assert(strstr(error.text, "it was altered"), "%s", error.text);
    cr_assert(row_reads(4, &error), "%s", error.text);
}

Test(keys, know_which_batches_are_older, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct error error = {0};
    struct keys_plain older;
    bool made;
    uint8_t hash[CORE_HASH];
    cr_assert(place_older(folder, false, &older, &error) && older.number == 0, "no journal: %s", error.text);
    struct batches *store = batches_open_sqlite(folder, NULL, &error);
    append_until(store, 3);
    batches_close(store);
    cr_assert_not(place_older(folder, false, &older, &error));
    cr_assert(strstr(error.text, "is not encrypted, and no file `keys` is there"), "%s", error.text);
    cr_assert(place_older(folder, true, &older, &error) && older.number == 3, "%s", error.text);
    cr_assert(keys_make(folder, "", &older, &made, &error), "%s", error.text);
    store = batches_open_sqlite(folder, NULL, &error);
    cr_assert(store, "%s", error.text);
    append_until(store, 5);
    batches_close(store);
    cr_assert(keys_rotate(folder, "", in_folder("site.key"), &error));
    for (uint64_t number = 1; number <= 5; number++) cr_assert(row_reads(number, &error), "%s", error.text);
    row_put(4, "?2", batch_bytes(4, hash));
    cr_assert_not(row_reads(4, &error));
    row_put(3, "?2", batch_bytes(2, hash));
    cr_assert_not(row_reads(3, &error), "the last one that may be plain binds those before it");
    cr_assert(row_reads(2, &error), "%s", error.text);
    /* The keys themselves cannot be made to say more, with a checksum that is right. */
    enum { HEAD_BYTES = 512, SECOND = 512, OLDER_AT = 16 + 16 + 24 + 48 };
    uint8_t head[HEAD_BYTES];
    int fd = open(in_folder("keys"), O_RDWR | O_CLOEXEC);
    cr_assert_eq(pread(fd, head, HEAD_BYTES, SECOND), HEAD_BYTES);
    cr_assert_eq(head[OLDER_AT], 3);
    head[OLDER_AT] = 5;
    crypto_generichash(head + HEAD_BYTES - 32, 32, head, HEAD_BYTES - 32, NULL, 0);
    cr_assert_eq(pwrite(fd, head, HEAD_BYTES, SECOND), HEAD_BYTES);
    close(fd);
    cr_assert_null(keys_open(folder, false, &error));
    cr_assert(strstr(error.text, "is not the one that opens"), "%s", error.text);
    /* With the keys lost, no new ones are made over what they have encrypted. */
    cr_assert_eq(unlink(in_folder("keys")), 0);
    cr_assert_not(place_older(folder, true, &older, &error));
    cr_assert(strstr(error.text, "batch 5: it is encrypted, and the state folder has no file `keys`"), "%s",
              error.text);
}

Test(keys, are_not_made_over_a_journal_in_the_clear_that_was_pruned, .init = folder_make, .fini = folder_remove,
     .timeout = 30)
{
    struct error error = {0};
    struct keys_plain older;
    struct batches *store = batches_open_sqlite(folder, NULL, &error);
    append_until(store, 3);
    cr_assert(batches_prune(store, 2, 1000000, &error), "%s", error.text);
    batches_close(store);
    cr_assert_not(place_older(folder, true, &older, &error));
    cr_assert(strstr(error.text, "it begins at batch 2, and nobody vouches for its snapshots"), "%s", error.text);
}

Test(keys, a_journal_that_ends_before_its_encryption_began_is_refused, .init = folder_make, .fini = folder_remove,
     .timeout = 30)
{
    struct error error = {0};
    struct keys_plain older = {.number = 7};
    bool made;
    struct batches *store = batches_open_sqlite(folder, NULL, &error);
    append_until(store, 6);
    batches_close(store);
    cr_assert(keys_make(folder, "", &older, &made, &error), "%s", error.text);
    cr_assert_null(batches_open_sqlite(folder, NULL, &error));
    cr_assert(strstr(error.text, "ends at batch 6, and had batch 7 when its encryption began"), "%s", error.text);
    cr_assert_null(batches_follow_sqlite(folder, &error));
}

static void snapshot_make(const char *path, uint64_t number)
{
    struct error error = {0};
    struct snapshot_head head = {.journal = {.number = number}, .partition = 1};
    unlink(path);
    struct snapshot_writer *writer = snapshot_writer_new(path, &error);
    cr_assert(writer && snapshot_put(writer, "8392017465", 10) && snapshot_writer_end(writer, &head, &error), "%s",
              error.text);
    snapshot_writer_free(writer);
}

Test(keys, nobody_without_them_makes_or_alters_a_snapshot, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    enum { HEAD_BYTES = 288, NUMBER_AT = 16 };
    struct error error = {0};
    struct snapshot_head head;
    char path[96];
    uint8_t bytes[HEAD_BYTES];
    cr_assert_eq(mkdir(in_folder("snapshots"), 0700), 0);
    snprintf(path, sizeof path, "%s/snapshots/1", folder);
    snapshot_make(path, 5);
    cr_assert(snapshot_check(path, &head, &error), "%s", error.text);
    keys_close(keys_new(true));
    cr_assert_not(snapshot_head_read(path, &head, &error));
    cr_assert(strstr(error.text, "it is not encrypted, and this state folder is"), "%s", error.text);
    cr_assert_not(snapshot_check(path, &head, &error));
    snapshot_make(path, 5);
    cr_assert(snapshot_check(path, &head, &error) && head.journal.number == 5, "%s", error.text);
    /* Another number, and the head's checksum is right. */
    int fd = open(path, O_RDWR | O_CLOEXEC);
    cr_assert_eq(pread(fd, bytes, HEAD_BYTES, 0), HEAD_BYTES);
    bytes[NUMBER_AT] = 6;
    crypto_generichash(bytes + HEAD_BYTES - 32, 32, bytes, HEAD_BYTES - 32, NULL, 0);
    cr_assert_eq(pwrite(fd, bytes, HEAD_BYTES, 0), HEAD_BYTES);
    close(fd);
    cr_assert_not(snapshot_head_read(path, &head, &error));
    cr_assert(strstr(error.text, "its head was altered, or is of other keys"), "%s", error.text);
    cr_assert(snapshot_erase(path) && access(path, F_OK) != 0);
    /* What its key is made from is overwritten, also where it was cut short. */
    const uint8_t zeros[KEY_BYTES] = {0};
    snapshot_make(path, 5);
    fd = open(path, O_RDWR | O_CLOEXEC);
    cr_assert_eq(ftruncate(fd, HEAD_BYTES + 100), 0);
    cr_assert(snapshot_erase(path) && access(path, F_OK) != 0);
    cr_assert_eq(pread(fd, bytes, KEY_BYTES, HEAD_BYTES), KEY_BYTES);
    cr_assert_arr_eq(bytes, zeros, KEY_BYTES);
    close(fd);
}

enum { POWER_OWNERS = 1100, POWER_FORGOTTEN = 600 }; /* the file grows meanwhile */

/* How far the work had come when the power failed. */
struct progress {
    bool made, rotated, erases, erased, forgets, forgot;
    uint8_t data[KEY_BYTES];
    uint32_t count;
    struct {
        struct key_name name;
        uint8_t key[KEY_BYTES];
    } of[POWER_OWNERS];
};

static void data_of(const struct keys *keys, uint8_t data[KEY_BYTES])
{
    const uint8_t salt[KEY_BYTES] = {0};
    keys_derive(keys, KEYS_SNAPSHOT, salt, data);
}

static void work_make(struct progress *progress)
{
    bool made;
    if (!keys_make(folder, "", NULL, &made, NULL)) _exit(2);
    struct keys *keys = keys_open(folder, false, NULL);
    data_of(keys, progress->data);
    progress->made = true;
}

static void work_use(struct progress *progress)
{
    struct error error = {0};
    struct keys *keys = keys_open(folder, true, NULL);
    uint64_t owner = 1, last;
    uint32_t kept;
    for (uint32_t i = 0; i < POWER_OWNERS; i++) {
        if (!keys_for(keys, i + 1, i + 1, &progress->of[i].name, progress->of[i].key, NULL)) _exit(2);
        progress->count = i + 1;
    }
    if (!keys_rotate(folder, "", in_folder("other"), NULL)) _exit(2);
    progress->rotated = progress->erases = true;
    keys_erase(keys, &owner, 1, UINT64_MAX, &kept, &last, &error);
    if (error.code != ERROR_NONE) _exit(2);
    progress->erased = progress->forgets = true;
    if (!keys_forget(keys, POWER_FORGOTTEN + 1, NULL)) _exit(2);
    progress->forgot = true;
}

/* The power fails at that call. False: the work was over before. */
static bool power_fails(void (*work)(struct progress *), unsigned at, enum disk_loss loss, struct progress *progress)
{
    int status;
    disk_power_on(folder);
    pid_t child = fork();
    if (child == 0) {
        disk_faults = (struct disk_faults){.at = at};
        work(progress);
        _exit(0);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == DISK_KILLED), "call %u", at);
    disk_power_off(loss);
    return WEXITSTATUS(status) == DISK_KILLED;
}

static void made_checked(const struct progress *progress, unsigned at)
{
    struct error error = {0};
    uint8_t data[KEY_BYTES];
    bool made;
    cr_assert(keys_make(folder, "", NULL, &made, &error), "call %u: %s", at, error.text);
    struct keys *keys = keys_open(folder, false, &error);
    cr_assert(keys, "call %u: %s", at, error.text);
    data_of(keys, data);
    cr_assert(!progress->made || memcmp(data, progress->data, KEY_BYTES) == 0, "call %u: other keys", at);
    keys_close(keys);
}

static void used_checked(const struct progress *progress, unsigned at)
{
    struct error error = {0};
    uint8_t key[KEY_BYTES];
    if (progress->rotated) cr_assert_eq(unlink(in_folder("site.key")), 0);
    struct keys *keys = keys_open(folder, false, &error);
    cr_assert(keys, "call %u: %s", at, error.text);
    for (uint32_t i = 0; i < progress->count; i++) {
        enum key_state state = keys_find(keys, progress->of[i].name, i + 1, key);
        bool going = (i == 0 && progress->erases) || (i < POWER_FORGOTTEN && progress->forgets);
        bool gone = (i == 0 && progress->erased) || (i < POWER_FORGOTTEN && progress->forgot);
        cr_assert(!gone || state == KEY_ERASED, "call %u: owner %u was erased", at, i);
        cr_assert(going || state == KEY_THERE, "call %u: owner %u", at, i);
        cr_assert(state != KEY_THERE || memcmp(key, progress->of[i].key, KEY_BYTES) == 0, "call %u: owner %u", at, i);
    }
    keys_close(keys);
}

/* At each write and each sync, with each of what the disk may have by then. */
static void power_fails_everywhere(void (*work)(struct progress *), void (*check)(const struct progress *, unsigned),
                                   bool made)
{
    struct progress *progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(progress, MAP_FAILED);
    for (int loss = 0; loss < DISK_LOSSES; loss++) {
        bool failed = true;
        for (unsigned at = 1; failed; at++) {
            folder_make();
            if (made) keys_close(keys_new(true));
            file_write(in_folder("other"), "another key, of the same site\n", 0600);
            memset(progress, 0, sizeof *progress);
            failed = power_fails(work, at, (enum disk_loss)loss, progress);
            cr_assert(failed || at > 5, "the work takes some calls");
            check(progress, at);
            folder_remove();
        }
    }
    munmap(progress, sizeof *progress);
}

Test(keys, that_are_made_when_the_power_fails_are_there_or_are_made_again, .timeout = 60)
{
    power_fails_everywhere(work_make, made_checked, false);
}

Test(keys, that_were_given_out_are_there_after_a_loss_of_power_and_erased_ones_are_not, .timeout = 60)
{
    power_fails_everywhere(work_use, used_checked, true);
}
