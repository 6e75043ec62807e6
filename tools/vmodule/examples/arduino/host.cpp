/* Runs a sketch on a PC: Serial1 is the terminal that the command names.
 *
 *     g++ -I arduino -include Arduino.h -x c++ echo/echo.ino arduino/host.cpp -o sketch
 *     ./sketch DEVICE */

#include "Arduino.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

HardwareSerial Serial(0, 1);
HardwareSerial Serial1(-1, -1);

static void makeRaw(int descriptor) {
  struct termios settings;
  if (tcgetattr(descriptor, &settings) != 0) return;
  settings.c_iflag = settings.c_oflag = settings.c_lflag = 0;
  settings.c_cflag = CS8 | CREAD | CLOCAL;
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  cfsetispeed(&settings, B115200);
  cfsetospeed(&settings, B115200);
  tcsetattr(descriptor, TCSANOW, &settings);
}

/* The speed is 115200, whatever the sketch asks for: a terminal of the virtual module has none. */
void HardwareSerial::begin(unsigned long) {
  if (output_ > 1) makeRaw(output_);
}

int HardwareSerial::available() {
  int count = 0;
  return ioctl(input_, FIONREAD, &count) == 0 ? count : 0;
}

int HardwareSerial::read() {
  uint8_t byte;
  if (!available() || ::read(input_, &byte, 1) != 1) return -1;
  return byte;
}

size_t HardwareSerial::write(const uint8_t *data, size_t size) {
  size_t written = 0;
  while (written < size) {
    ssize_t taken = ::write(output_, data + written, size - written);
    if (taken < 0) break;
    written += taken;
  }
  return written;
}

unsigned long millis() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000UL + now.tv_nsec / 1000000;
}

void delay(unsigned long ms) {
  struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000 * 1000000)};
  nanosleep(&time, NULL);
}

void yield() { delay(1); }

int main(int argc, char **argv) {
  int line = argc == 2 ? open(argv[1], O_RDWR | O_NOCTTY) : -1;
  if (line < 0) {
    fprintf(stderr, "usage: %s DEVICE\n", argv[0]);
    return 2;
  }
  Serial1.use(line);
  setup();
  for (;;) loop();
}
