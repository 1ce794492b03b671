/* tests/unit/journal_keys.c - Secrets go behind the events and come back; without their key they stay stars. Keys: the
 * right key file opens them, another one does not, and what is forgotten or erased is gone. */
#include "config.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/journal/secrets.h"
#include "runtime/journal/store.h"

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
    cr_assert(keys_make(folder, "", &made, &error), "%s", error.text);
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
    keys_forget(keys, 6);
    cr_assert(show(&h, keys, 6, &erased) && erased == 0);
    keys_forget(keys, 7);
    cr_assert(show(&h, keys, 6, &erased) && erased == 3);
    cr_assert(show(&h, NULL, 6, &erased) && erased == 3);
    hidden_free(&h);
    keys_close(keys);
}

Test(keys, are_not_made_anew_where_they_cannot_be_reached, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct error error = {0};
    bool made = true;
    cr_assert_eq(symlink("keys", in_folder("keys")), 0); /* a loop: something is there, and cannot be opened */
    cr_assert_not(keys_make(folder, "", &made, &error));
    cr_assert(error.code == ERROR_SYSTEM && !made, "%s", error.text);
    struct stat found;
    cr_assert(lstat(in_folder("keys"), &found) == 0 && S_ISLNK(found.st_mode));
}

Test(keys, a_site_key_that_was_half_made_is_made_again, .init = folder_make, .fini = folder_remove, .timeout = 30)
{
    struct error error = {0};
    bool made = false;
    file_write(in_folder("site.key.new"), "ab", 0600);
    cr_assert(keys_make(folder, "", &made, &error) && made, "%s", error.text);
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
    cr_assert_not(keys_make(folder, in_folder("other"), &made, &error));
    cr_assert(strstr(error.text, "is not the one that opens") && !made, "%s", error.text);
    cr_assert(keys_rotate(folder, "", in_folder("other"), &error), "%s", error.text);
    cr_assert(keys_make(folder, in_folder("other"), &made, &error), "%s", error.text);
    cr_assert_not(keys_make(folder, in_folder("site.key"), &made, &error));
    cr_assert_eq(unlink(in_folder("site.key")), 0);
    keys = keys_open(folder, false, &error); /* it knows where the new one is */
    cr_assert(keys, "%s", error.text);
    cr_assert(show(&h, keys, 5, &erased) && erased == 0 && as_before(&h));
    keys_close(keys);
    cr_assert_eq(rename(in_folder("other"), in_folder("moved")), 0);
    cr_assert_null(keys_open(folder, false, &error));
    cr_assert(strstr(error.text, "other: No such file"), "%s", error.text);
    cr_assert(keys_make(folder, in_folder("moved"), &made, &error), "%s", error.text);
    cr_assert_eq(chmod(in_folder("moved"), 0644), 0);
    cr_assert_null(keys_open(folder, false, &error));
    cr_assert(strstr(error.text, "may be read by everybody"), "%s", error.text);
    hidden_free(&h);
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
        keys_forget(keys, round + 2);
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
    struct store *store = store_open_sqlite(folder, NULL, &error);
    cr_assert(store, "%s", error.text);
    cr_assert_eq(store_append(store, 1, row, &error), APPEND_OK);
    cr_assert(store_put_image(store, hash, image, &error));
    cr_assert(store_read(store, 1, &read, &error) && span_equal(read, row));
    cr_assert(store_get_image(store, hash, &read, &error) && span_equal(read, image));
    char command[160];
    snprintf(command, sizeof command, "! grep -r -q -a 8392017465 %s", folder);
    cr_assert_eq(system(command), 0);
    store_close(store);
    cr_assert_eq(rename(in_folder("keys"), in_folder("away")), 0);
    store = store_open_sqlite(folder, NULL, &error);
    cr_assert(store && !store_read(store, 1, &read, &error));
    cr_assert(strstr(error.text, "no file `keys`"), "%s", error.text);
    store_close(store);
    bool made;
    cr_assert(keys_make(folder, "", &made, &error));
    store = store_open_sqlite(folder, NULL, &error);
    cr_assert(store && !store_read(store, 1, &read, &error));
    cr_assert(strstr(error.text, "keys is of another journal"), "%s", error.text);
    store_close(store);
}
