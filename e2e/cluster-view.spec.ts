/** The picture of the cluster in a real browser: what only layout and scale decide. */
import { openPage } from './support/cluster.ts';
import { expect, test } from './support/test.ts';

test.use({ viewport: { width: 1280, height: 720 } });

test('on a projector no text of the picture is smaller than 18 px', async ({ page }) => {
  await openPage(page);
  const smallest = () =>
    page.getByRole('application', { name: /^Picture of the cluster/ }).evaluate((stage) => {
      const sizes = [...stage.querySelectorAll('*')].flatMap((element) => {
        const own = [...element.childNodes].some((node) => node instanceof Text && node.data.trim() !== '');
        if (!own) return [];
        let scale = 1;
        for (let at: Element | null = element; at; at = at.parentElement) {
          const { transform } = getComputedStyle(at);
          if (transform !== 'none') scale *= new DOMMatrix(transform).a;
        }
        return [parseFloat(getComputedStyle(element).fontSize) * scale];
      });
      return sizes.length === 0 ? 0 : Math.min(...sizes);
    });
  await expect.poll(smallest).toBeGreaterThanOrEqual(12);
  await page.getByRole('button', { name: /^Present/ }).click();
  await expect.poll(smallest).toBeGreaterThanOrEqual(18);
});
