using Quiva.Gateway.Http;

namespace Quiva.Gateway.Workflows.Runs.Pages;

/// <summary>
/// The page <c>/runs</c> for people, open and no part of the contract: it asks for an API key, keeps it in the page's memory alone, and shows
/// runs with it as their operation gives them out, anew every two seconds while they go on.
/// </summary>
internal static class RunsPage
{
    private const string Content = """
        <form id="ask" autocomplete="off">
        <label>API key <input id="key" type="password" autocomplete="off" spellcheck="false" required></label>
        <label>Run (its id or trackingId; empty for the newest) <input id="id" type="text" autocomplete="off" spellcheck="false"></label>
        <button>Show</button>
        <span><input type="checkbox" id="hold"> <label class="line" for="hold">Hold updates</label></span>
        </form>
        <p><small>The key is kept in the memory of this page alone, and is gone when you leave it.</small></p>
        <p id="news" role="status"></p>
        <section id="shown" aria-label="Run"></section>
        """;

    // What the gateway sends is put in as a document that was parsed without running anything; the policy allows no other script than this.
    private const string Script = """

        'use strict';
        const element = id => document.getElementById(id);
        const [shown, news] = [element('shown'), element('news')];
        let key = '', run = '', timer = 0, last = '', turn = 0;
        const say = text => { if (news.textContent !== text) news.textContent = text; };
        const fetchText = async (path, accept) => {
          const answer = await fetch(path, { headers: { 'Accept': accept, 'X-Api-Key': key }, cache: 'no-store', credentials: 'omit', redirect: 'error' });
          const text = await answer.text();
          if (answer.ok) return text;
          let reason = 'The gateway answered ' + answer.status + '.';
          try { reason = JSON.parse(text).error ?? reason; } catch { /* No JSON: the status has to do. */ }
          const error = new Error(reason);
          error.mayPass = answer.status === 429 || answer.status >= 500;
          throw error;
        };
        const show = part => {
          const [focus, fit, picture] = [document.activeElement?.id, element('fit')?.checked, element('picture')];
          const [left, top] = [picture?.scrollLeft, picture?.scrollTop];
          shown.replaceChildren(part);
          if (fit && element('fit')) element('fit').checked = true;
          if (picture && element('picture')) element('picture').scrollTo(left, top);
          if (focus && shown.contains(element(focus))) element(focus).focus({ preventScroll: true });
        };
        const showRun = async mine => {
          const text = await fetchText('/hub/workflows/runs/' + encodeURIComponent(run), 'text/html');
          if (mine !== turn) return true;
          const page = new DOMParser().parseFromString(text, 'text/html');
          const part = page.getElementById('run');
          if (part.innerHTML !== last) { last = part.innerHTML; show(document.adoptNode(part)); }
          const title = page.title;
          document.title = title;
          say(title + '.');
          return part.dataset.ended === 'true';
        };
        const showNewest = async mine => {
          const runs = JSON.parse(await fetchText('/hub/workflows/runs?limit=50', 'application/json')).results;
          if (mine !== turn) return;
          const list = document.createElement('ul');
          for (const one of runs) {
            const [item, link] = [document.createElement('li'), document.createElement('a')];
            link.href = '#' + one.run_id;
            link.textContent = one.created + ' ' + one.status + ' ' + one.subject;
            item.append(link);
            list.append(item);
          }
          show(list);
          say(runs.length === 0 ? 'This account has no runs.' : 'The newest runs: choose one.');
        };
        const look = async () => {
          clearTimeout(timer);
          const mine = ++turn;
          let pause = 2000;
          try {
            if (!run) { await showNewest(mine); return; }
            if (element('hold').checked || document.hidden) { } else if (await showRun(mine)) return;
          } catch (error) {
            if (mine !== turn) return;
            say(error.message || 'The gateway cannot be reached.');
            if (error.mayPass === false) return;
            pause = 5000;
          }
          if (mine === turn) timer = setTimeout(look, pause);
        };
        const open = () => { const id = decodeURIComponent(location.hash.slice(1)); if (!id.startsWith('step')) { run = id; element('id').value = id; last = ''; if (key) look(); } };
        element('ask').addEventListener('submit', event => {
          event.preventDefault();
          key = element('key').value.trim();
          run = element('id').value.trim();
          last = '';
          if (decodeURIComponent(location.hash.slice(1)) !== run) history.replaceState(null, '', run ? '#' + encodeURIComponent(run) : location.pathname);
          look();
        });
        shown.addEventListener('click', event => {
          const target = event.target.closest('a[href^="#step"]');
          if (!target) return;
          event.preventDefault();
          const row = element(target.getAttribute('href').slice(1));
          row.focus();
          row.scrollIntoView({ block: 'center' });
        });
        element('hold').addEventListener('change', () => { if (!element('hold').checked && key && run) look(); });
        window.addEventListener('hashchange', open);
        open();

        """;

    /// <summary>Serves the page.</summary>
    /// <param name="app">The application.</param>
    public static void MapRunsPage(this WebApplication app) => app
        .MapGet("/runs", context => Page.WriteAsync(context, "Runs", RunPage.Style, Content, Script))
        .ExcludeFromDescription();
}
