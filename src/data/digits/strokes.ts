/**
 * How people write the ten digits: for each a few styles, for each style its strokes, for each stroke the points
 * that the pen passes through. Coordinates are percent of the digit's box, x to the right and y down. The pen
 * follows a smooth curve through the points; a point given twice in a row is a corner.
 */

/** One stroke: `x0, y0, x1, y1, ...` in percent of the digit's box. */
export type Stroke = readonly number[];

/** One way of writing a digit. */
export interface Style {
  /** How often this style is drawn, relative to the digit's other styles. */
  weight: number;
  strokes: readonly Stroke[];
}

/** The styles of each digit, indexed by the digit. */
export const DIGIT_STYLES: readonly (readonly Style[])[] = [
  [
    // An oval closed at the top.
    {
      weight: 3,
      strokes: [[50, 2, 27, 10, 12, 36, 12, 66, 28, 92, 52, 98, 76, 88, 90, 60, 86, 28, 70, 7, 46, 2]],
    },
    // Begun at the upper right, its ends crossing.
    {
      weight: 2,
      strokes: [[72, 12, 46, 2, 22, 16, 10, 48, 18, 82, 44, 98, 72, 88, 90, 56, 84, 22, 64, 6, 40, 10]],
    },
    // Left a little open.
    { weight: 1, strokes: [[58, 4, 30, 10, 12, 38, 14, 74, 36, 97, 66, 92, 86, 66, 86, 34, 72, 12]] },
  ],
  [
    // A single line.
    { weight: 5, strokes: [[50, 0, 50, 50, 50, 100]] },
    // With an upstroke.
    { weight: 2, strokes: [[28, 24, 40, 14, 54, 0, 54, 0, 53, 50, 52, 100]] },
    // With an upstroke and a foot.
    {
      weight: 1,
      strokes: [
        [30, 22, 42, 12, 54, 0, 54, 0, 53, 50, 52, 98],
        [28, 98, 52, 98, 78, 97],
      ],
    },
  ],
  [
    // A sharp corner at the foot.
    { weight: 3, strokes: [[12, 24, 28, 6, 54, 2, 78, 14, 78, 40, 50, 70, 10, 96, 10, 96, 50, 95, 92, 94]] },
    // A loop at the foot.
    {
      weight: 3,
      strokes: [[14, 20, 36, 3, 66, 4, 80, 24, 66, 54, 38, 84, 16, 95, 10, 82, 28, 76, 58, 90, 94, 90]],
    },
    // Round, with a short swung foot.
    { weight: 1, strokes: [[20, 16, 46, 2, 74, 12, 74, 38, 50, 66, 20, 92, 20, 92, 48, 86, 84, 96]] },
  ],
  [
    // Two bows.
    {
      weight: 4,
      strokes: [
        [14, 14, 40, 2, 72, 8, 78, 28, 62, 43, 40, 48, 40, 48, 68, 54, 85, 72, 70, 93, 40, 98, 10, 88],
      ],
    },
    // A flat top.
    {
      weight: 1,
      strokes: [[14, 5, 48, 4, 84, 4, 84, 4, 64, 24, 44, 42, 44, 42, 74, 48, 88, 70, 70, 93, 38, 98, 10, 88]],
    },
    // Two bows joined by a small loop.
    {
      weight: 1,
      strokes: [
        [16, 10, 44, 2, 74, 12, 70, 34, 48, 47, 36, 46, 46, 42, 74, 54, 84, 78, 62, 96, 34, 97, 12, 86],
      ],
    },
  ],
  [
    // Open: an angle and a stem.
    {
      weight: 3,
      strokes: [
        [24, 4, 17, 30, 12, 56, 12, 56, 50, 56, 92, 54],
        [72, 12, 68, 56, 64, 100],
      ],
    },
    // Closed: a triangle and a stem.
    {
      weight: 2,
      strokes: [
        [62, 0, 36, 32, 8, 66, 8, 66, 50, 66, 94, 66],
        [63, 0, 63, 50, 62, 100],
      ],
    },
    // Open and round, in one line.
    { weight: 3, strokes: [[20, 4, 13, 30, 24, 50, 52, 52, 76, 38, 84, 4, 84, 4, 77, 50, 68, 100]] },
  ],
  [
    // Body and bow in one line, the roof afterwards.
    {
      weight: 3,
      strokes: [
        [26, 6, 23, 25, 20, 46, 20, 46, 48, 38, 78, 48, 86, 70, 70, 92, 40, 98, 10, 88],
        [26, 6, 54, 5, 88, 2],
      ],
    },
    // In one line from the roof.
    {
      weight: 2,
      strokes: [
        [86, 3, 56, 4, 30, 6, 30, 6, 26, 26, 23, 45, 23, 45, 52, 40, 80, 54, 82, 78, 60, 96, 32, 97, 10, 86],
      ],
    },
    // Swung like an S.
    { weight: 1, strokes: [[84, 6, 54, 3, 32, 14, 28, 36, 52, 48, 76, 60, 80, 80, 58, 97, 30, 97, 10, 88]] },
  ],
  [
    // A bent back and a closed belly.
    { weight: 3, strokes: [[72, 4, 42, 20, 20, 52, 16, 80, 36, 98, 66, 95, 82, 75, 66, 57, 40, 60, 20, 78]] },
    // A straight back.
    { weight: 2, strokes: [[52, 0, 34, 30, 18, 66, 26, 92, 52, 98, 76, 84, 70, 62, 46, 58, 22, 74]] },
    // Round like a spiral.
    {
      weight: 1,
      strokes: [[80, 10, 54, 3, 26, 22, 12, 56, 22, 88, 52, 98, 78, 84, 76, 62, 52, 54, 28, 66, 24, 84]],
    },
  ],
  [
    // A roof and a slanted stem.
    { weight: 4, strokes: [[8, 7, 46, 5, 88, 4, 88, 4, 64, 48, 46, 100]] },
    // With a bar across the stem.
    {
      weight: 2,
      strokes: [
        [8, 7, 46, 5, 88, 4, 88, 4, 64, 48, 46, 100],
        [34, 52, 58, 50, 84, 47],
      ],
    },
    // With a small downstroke where the roof begins, and a bent stem.
    { weight: 1, strokes: [[10, 24, 11, 14, 13, 6, 13, 6, 50, 6, 90, 4, 90, 4, 66, 36, 54, 68, 50, 100]] },
    // A wavy roof that turns into the stem.
    { weight: 1, strokes: [[8, 14, 26, 6, 52, 10, 82, 4, 80, 16, 58, 50, 44, 100]] },
  ],
  [
    // One crossing line.
    {
      weight: 3,
      strokes: [
        [
          76, 14, 50, 2, 26, 10, 24, 30, 48, 47, 76, 66, 76, 88, 50, 98, 24, 90, 22, 68, 46, 49, 70, 32, 76,
          14,
        ],
      ],
    },
    // Two circles.
    {
      weight: 1,
      strokes: [
        [50, 2, 27, 12, 28, 36, 50, 47, 73, 36, 73, 12, 48, 2],
        [50, 47, 22, 58, 18, 84, 48, 98, 80, 86, 78, 58, 48, 47],
      ],
    },
    // One line whose upper loop stays a little open.
    {
      weight: 1,
      strokes: [
        [80, 8, 52, 3, 28, 14, 34, 36, 60, 54, 72, 78, 56, 97, 32, 94, 26, 74, 44, 54, 66, 38, 82, 18],
      ],
    },
  ],
  [
    // A loop and a straight stem.
    {
      weight: 3,
      strokes: [[80, 18, 56, 3, 28, 12, 18, 34, 36, 51, 64, 44, 80, 18, 80, 18, 76, 58, 70, 100]],
    },
    // A loop and a tail that bends back.
    {
      weight: 1,
      strokes: [
        [80, 18, 56, 3, 26, 12, 18, 34, 38, 50, 66, 42, 80, 18, 80, 18, 83, 56, 68, 90, 38, 98, 16, 88],
      ],
    },
    // A round loop that flows into a slanted stem.
    { weight: 2, strokes: [[74, 12, 48, 2, 22, 16, 22, 40, 46, 50, 72, 36, 80, 10, 72, 46, 56, 100]] },
  ],
];
