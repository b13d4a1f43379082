/** A protocol: lines of text into the log. */
@NullMarked
package ${package};

import org.jspecify.annotations.NullMarked;
