/* tests/mails/reader.c - Reads mails as the plugin does and prints each as one line of JSON. Standard input has, for
 * each mail, its number of bytes on a line and then the bytes. */
#include <glib.h>
#include <jansson.h>
#include <stdio.h>

#include "runtime/adapters/email/mime.h"
#include "runtime/mail/parts.h"

static json_t *texts_of(char *const *texts)
{
    json_t *all = json_array();
    for (; *texts; texts++) json_array_append_new(all, json_string(*texts));
    return all;
}

static void print_mail(const struct mail *mail)
{
    json_t *files = json_array(), *roles = json_array();
    for (size_t i = 0; i < mail->part_count; i++) {
        const struct mail_part *part = &mail->parts[i];
        json_array_append_new(roles, json_sprintf("%s %s %zu", part->role, part->type, part->length));
        if (part->name) json_array_append_new(files, json_string(part->name));
    }
    json_t *all = json_pack("{s:s?, s:s?, s:s?, s:o, s:s?, s:s?, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:b, s:b}", "from",
                            mail->from, "name", mail->from_name, "reply_to", mail->reply_to, "reply_more",
                            texts_of(mail->reply_more), "subject", mail->subject, "id", mail->message_id, "robot",
                            mail_robot_name(mail->robot), "text", mail->text, "to", texts_of(mail->to), "cc",
                            texts_of(mail->cc), "files", files, "parts", roles, "date",
                            (json_int_t)(mail->date_us / 1000000), "corrupt", mail->corrupt, "cut", mail->cut);
    json_dumpf(all, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(all);
}

/* Our own address, and no other of its domain. */
static bool is_own(const void *self, const char *address)
{
    return g_ascii_strcasecmp(self, address) == 0;
}

int main(void)
{
    size_t length;
    parts_begin();
    while (scanf("%zu", &length) == 1 && getchar() == '\n') {
        char *bytes = g_malloc(length + 1);
        if (fread(bytes, 1, length, stdin) != length) return 1;
        struct mail *mail = mail_read(
            bytes, length,
            &(struct mail_setting){.sender = "envelope@example.org", .own = is_own, .self = "service@shop.example"});
        print_mail(mail);
        mail_free(mail);
        g_free(bytes);
    }
    return 0;
}
