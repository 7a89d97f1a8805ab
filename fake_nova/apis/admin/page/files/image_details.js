// The image details of the images view.
