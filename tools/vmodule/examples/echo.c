/* Opens a TCP connection through a BG95-S5, sends a text, and prints what comes back.
 *
 *     cc -o echo echo.c
 *     ./echo DEVICE HOST PORT TEXT
 *
 * DEVICE is a serial port or the virtual module's pty. The commands, their answers and their
 * longest times are those of "BG95-S5 TCP/IP Application Note", chapter 2. */

#define _XOPEN_SOURCE 600
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#define SECOND 1000 /* ms */

static int modem;      /* the descriptor of the line */
static char line[256]; /* the last one that came */
static int told;       /* the module has told that data waits on connection 0 */

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "echo: %s: %s\n", what, why);
    exit(1);
}

static void open_modem(const char *device)
{
    struct termios settings;

    modem = open(device, O_RDWR | O_NOCTTY);
    if (modem < 0 || tcgetattr(modem, &settings) != 0)
        fail(device, "cannot be opened");
    settings.c_iflag = settings.c_oflag = settings.c_lflag = 0;
    settings.c_cflag = CS8 | CREAD | CLOCAL;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    cfsetispeed(&settings, B115200);
    cfsetospeed(&settings, B115200);
    tcsetattr(modem, TCSANOW, &settings);
}

/* The next byte; `ms` is how long the module may be silent before it. */
static int next_byte(int ms, const char *for_what)
{
    struct timeval limit = {ms / SECOND, ms % SECOND * 1000};
    unsigned char byte;
    fd_set set;

    FD_ZERO(&set);
    FD_SET(modem, &set);
    if (select(modem + 1, &set, NULL, NULL, &limit) != 1)
        fail(for_what, "no answer");
    if (read(modem, &byte, 1) != 1)
        fail(for_what, "the line is gone");
    return byte;
}

static void put(const char *data, size_t size)
{
    while (size) {
        ssize_t taken = write(modem, data, size);
        if (taken < 0)
            fail("write", "the line is gone");
        data += taken;
        size -= taken;
    }
}

/* A line that is not empty, without its end. The prompt "> " has no end and counts as a line. */
static void next_line(int ms, const char *for_what)
{
    size_t length = 0;

    for (;;) {
        int byte = next_byte(ms, for_what);
        if (byte == '\n' && length)
            break;
        if (byte != '\r' && byte != '\n' && length + 1 < sizeof line)
            line[length++] = byte;
        if (length == 2 && memcmp(line, "> ", 2) == 0)
            break;
    }
    line[length] = 0;
    /* This may come at any time, between the lines of an answer too. */
    if (strcmp(line, "+QIURC: \"recv\",0") == 0)
        told = 1;
}

/* Reads lines until one begins with `wanted`, or says that the command is refused; 0 then. */
static int await(const char *wanted, int ms, const char *for_what)
{
    do {
        next_line(ms, for_what);
        if (strcmp(line, "ERROR") == 0 || strncmp(line, "+CME ERROR", 10) == 0)
            return 0;
    } while (strncmp(line, wanted, strlen(wanted)) != 0);
    return 1;
}

static void must_come(const char *wanted, int ms, const char *for_what)
{
    if (!await(wanted, ms, for_what))
        fail(for_what, line);
}

/* Sends a command line. */
static void say(const char *text)
{
    put(text, strlen(text));
    put("\r", 1);
}

/* Sends a command, and waits for the line `wanted`. */
static void command(const char *wanted, int ms, const char *format, ...)
{
    char text[256];
    va_list values;

    va_start(values, format);
    if ((size_t)vsnprintf(text, sizeof text, format, values) >= sizeof text)
        fail(format, "too long");
    va_end(values);
    say(text);
    must_come(wanted, ms, text);
}

/* What an earlier program may have left: an open connection 0, and an active context. */
static void begin(void)
{
    command("OK", 1 * SECOND, "ATE0");
    command("OK", 1 * SECOND, "AT+QISDE=0");
    say("AT+QICLOSE=0");
    await("OK", 10 * SECOND, "AT+QICLOSE=0");
    say("AT+QIDEACT=1");
    await("OK", 40 * SECOND, "AT+QIDEACT=1");
}

/* Prints what has come on connection 0; how many bytes. */
static size_t print_received(void)
{
    size_t count, at;

    command("+QIRD: ", 1 * SECOND, "AT+QIRD=0,1500");
    count = strtoul(line + strlen("+QIRD: "), NULL, 10);
    /* A payload is counted and not searched: it may hold anything, `OK` too. */
    for (at = 0; at < count; at++)
        putchar(next_byte(1 * SECOND, "the data of AT+QIRD"));
    must_come("OK", 1 * SECOND, "AT+QIRD");
    return count;
}

int main(int argc, char **argv)
{
    size_t length, received = 0;

    if (argc != 5) {
        fprintf(stderr, "usage: %s DEVICE HOST PORT TEXT\n", argv[0]);
        return 2;
    }
    open_modem(argv[1]);
    begin();
    command("OK", 1 * SECOND, "AT+QICSGP=1,1,\"internet\"");
    command("OK", 150 * SECOND, "AT+QIACT=1");
    command("+QIOPEN: 0,", 150 * SECOND, "AT+QIOPEN=1,0,\"TCP\",\"%s\",%s,0,0", argv[2], argv[3]);
    if (strcmp(line, "+QIOPEN: 0,0") != 0)
        fail("AT+QIOPEN", line);

    length = strlen(argv[4]);
    command("> ", 1 * SECOND, "AT+QISEND=0,%zu", length);
    put(argv[4], length);
    must_come("SEND OK", 120 * SECOND, "AT+QISEND");

    /* `recv` says that something waits, not how much: read until nothing is left. */
    while (received < length) {
        size_t count;
        told = 0;
        count = print_received();
        received += count;
        while (!count && !told)
            next_line(60 * SECOND, "the echo");
    }
    putchar('\n');
    command("OK", 10 * SECOND, "AT+QICLOSE=0");
    close(modem);
    return 0;
}
