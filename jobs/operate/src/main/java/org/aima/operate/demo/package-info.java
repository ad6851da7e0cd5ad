/** What the demo needs beside the commands. */
@NullMarked
package org.aima.operate.demo;

import org.jspecify.annotations.NullMarked;
