// Opens a TCP connection through a BG95-S5 on Serial1, sends a line, and prints what comes back.
//
// The commands, their answers and their longest times are those of "BG95-S5 TCP/IP Application
// Note", chapter 2. Change APN, HOST and PORT to yours.

const char APN[] = "internet";
const char HOST[] = "echo.example";
const int PORT = 7;
const char TEXT[] = "hello from a sketch";

const unsigned long SECOND = 1000;

char line[128];  // the last one that came
bool told;       // the module has told that data waits on connection 0

// The next byte of the module, or -1 where none comes for so long.
int nextByte(unsigned long ms) {
  unsigned long since = millis();
  while (!Serial1.available()) {
    if (millis() - since > ms) return -1;
    yield();
  }
  return Serial1.read();
}

// A line that is not empty, without its end. The prompt "> " has no end, and counts as a line.
bool nextLine(unsigned long ms) {
  size_t length = 0;
  for (;;) {
    int byte = nextByte(ms);
    if (byte < 0) return false;
    if (byte == '\n' && length) break;
    if (byte != '\r' && byte != '\n' && length + 1 < sizeof line) line[length++] = byte;
    if (length == 2 && line[0] == '>' && line[1] == ' ') break;
  }
  line[length] = 0;
  // This may come at any time, between the lines of an answer too.
  if (strcmp(line, "+QIURC: \"recv\",0") == 0) told = true;
  return true;
}

// Reads lines until one begins with `wanted`; false at an error, or when nothing comes.
bool await(const char *wanted, unsigned long ms) {
  do {
    if (!nextLine(ms) || strcmp(line, "ERROR") == 0 || strncmp(line, "+CME ERROR", 10) == 0)
      return false;
  } while (strncmp(line, wanted, strlen(wanted)) != 0);
  return true;
}

bool command(const char *text, const char *wanted, unsigned long ms) {
  Serial1.print(text);
  Serial1.print("\r");
  return await(wanted, ms);
}

bool connect() {
  char text[128];
  if (!command("ATE0", "OK", SECOND) || !command("AT+QISDE=0", "OK", SECOND)) return false;
  // What an earlier program may have left: an open connection 0, and an active context.
  command("AT+QICLOSE=0", "OK", 10 * SECOND);
  command("AT+QIDEACT=1", "OK", 40 * SECOND);
  snprintf(text, sizeof text, "AT+QICSGP=1,1,\"%s\"", APN);
  if (!command(text, "OK", SECOND) || !command("AT+QIACT=1", "OK", 150 * SECOND)) return false;
  snprintf(text, sizeof text, "AT+QIOPEN=1,0,\"TCP\",\"%s\",%d,0,0", HOST, PORT);
  return command(text, "+QIOPEN: 0,", 150 * SECOND) && strcmp(line, "+QIOPEN: 0,0") == 0;
}

bool sendText(const char *data) {
  char text[32];
  snprintf(text, sizeof text, "AT+QISEND=0,%u", (unsigned)strlen(data));
  if (!command(text, "> ", SECOND)) return false;
  Serial1.print(data);
  return await("SEND OK", 120 * SECOND);
}

// Prints what has come; how many bytes, or -1.
int printReceived() {
  if (!command("AT+QIRD=0,100", "+QIRD: ", SECOND)) return -1;
  int count = atoi(line + strlen("+QIRD: "));
  // A payload is counted and not searched: it may hold anything, `OK` too.
  for (int at = 0; at < count; at++) {
    int byte = nextByte(SECOND);
    if (byte < 0) return -1;
    Serial.write(byte);
  }
  return await("OK", SECOND) ? count : -1;
}

bool talk() {
  if (!connect() || !sendText(TEXT)) return false;
  // `recv` says that something waits, not how much: read until nothing is left.
  size_t received = 0;
  while (received < strlen(TEXT)) {
    told = false;
    int count = printReceived();
    if (count < 0) return false;
    received += count;
    while (!count && !told) {
      if (!nextLine(60 * SECOND)) return false;
    }
  }
  Serial.println();
  return command("AT+QICLOSE=0", "OK", 10 * SECOND);
}

void setup() {
  Serial.begin(115200);
  Serial1.begin(115200);
  if (talk()) {
    Serial.println("done");
  } else {
    Serial.print("failed, the module's last line: ");
    Serial.println(line);
  }
}

void loop() {
  delay(1000);
}
