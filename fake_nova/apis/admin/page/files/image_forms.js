// The image forms of the images view.
