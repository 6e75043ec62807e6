/* The little of Arduino's core that the sketches here use, on a PC: see host.cpp. */

#ifndef ARDUINO_H
#define ARDUINO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

class HardwareSerial {
 public:
  HardwareSerial(int input, int output) : input_(input), output_(output) {}
  void use(int descriptor) { input_ = output_ = descriptor; }
  void begin(unsigned long baud);
  int available();
  int read();
  size_t write(uint8_t byte) { return write(&byte, 1); }
  size_t write(const uint8_t *data, size_t size);
  size_t print(const char *text) { return write((const uint8_t *)text, strlen(text)); }
  size_t println(const char *text = "") { return print(text) + print("\r\n"); }

 private:
  int input_, output_;
};

extern HardwareSerial Serial;   /* standard input and output */
extern HardwareSerial Serial1;  /* the line that the command names */

unsigned long millis();
void delay(unsigned long ms);
void yield();

void setup();
void loop();

#endif
